// A model that is whoever reads a folder: each request becomes a page there, and its answer is a file beside it. For trying and
// judging prompts where there is no model.
//
//   DIR/0001-review.request.md   to read: how to answer, messages, tools, form
//   DIR/0001.request.json        the request, exactly
//   DIR/0001.answer.json or .md  the answer, written by somebody
//
// What must always hold:
// - A request that is in the folder already is never written again: its answer is taken, or waited for. So a run that was
//   stopped goes on where it was. Whoever wants another answer changes the file.
// - A number belongs to one request, even when several processes share the folder: creating its `.request.json` takes it.
// - An answer counts when it is complete: valid JSON, or not changed for three looks at the folder.
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { estimateTokens } from '../budget.ts'
import type { Model, ModelReply, ModelRequest } from '../model.ts'
import { readCalls } from '../text/read-calls.ts'
import { type PageFacts, pageOf } from './mailbox-page.ts'

export interface MailboxOptions {
  dir: string
  /** Told once for each request that has no answer yet; the paths of the page and of the file that is waited for. */
  onWaiting?: (page: string, answer: string) => void
  pollMs?: number
}

/** The folder in `mailbox:DIR`, which is how the command line names this model. */
export function mailboxFolder(modelName: string): string | undefined {
  return /^mailbox:(.+)$/s.exec(modelName)?.[1]
}

/** Waits without end for an answer: only the signal stops it. */
export function createMailboxModel({ dir, onWaiting, pollMs = 1_000 }: MailboxOptions): Model {
  /** By number. */
  const known = new Map<string, Asked>()

  async function complete(request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    signal.throwIfAborted()
    await mkdir(dir, { recursive: true })
    const number = await numberOf(request)
    const page = join(dir, `${number}-${request.form.name.replace(/[^\w-]+/g, '-')}.request.md`)
    let text = await readAnswer(dir, number, 3 * pollMs)
    if (text === undefined) {
      await writeFile(page, pageOf({ number, request, goesOnFrom: earlierPart(known, number, request) }))
      onWaiting?.(page, join(dir, `${number}.answer.json`))
    }
    while (text === undefined) {
      await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      text = await readAnswer(dir, number, 3 * pollMs)
    }
    return replyOf(request, text)
  }

  /** The one that this request has in the folder, or else a new one. */
  async function numberOf(request: ModelRequest): Promise<string> {
    const json = `${JSON.stringify(request, null, 2)}\n`
    for (;;) {
      const names = (await readdir(dir)).toSorted()
      for (const name of names) {
        const [, number] = /^(\d{4,})\.request\.json$/.exec(name) ?? []
        if (number === undefined) continue
        const asked = known.get(number) ?? readAsked(await readFile(join(dir, name), 'utf8'))
        known.set(number, asked)
        if (asked.json === json) return number
      }
      const last = Math.max(0, ...names.map((name) => Number(/^(\d{4,})\D/.exec(name)?.[1] ?? 0)))
      const number = String(last + 1).padStart(4, '0')
      if (await createFile(join(dir, `${number}.request.json`), json)) return number
    }
  }
  return { name: `mailbox:${dir}`, complete }
}

interface Asked {
  /** The exact request. */
  json: string
  /** Each as JSON. */
  messages: string[]
}

const withMessages = z.object({ messages: z.array(z.unknown()) })

function readAsked(json: string): Asked {
  try {
    const { messages } = withMessages.parse(JSON.parse(json))
    return { json, messages: messages.map((message) => JSON.stringify(message)) }
  } catch {
    return { json, messages: [] } // its process was stopped while it wrote
  }
}

/** False when somebody else was faster. */
async function createFile(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** `undefined`: there is none, or it is still being written. */
async function readAnswer(dir: string, number: string, quietMs: number): Promise<string | undefined> {
  for (const kind of ['json', 'md']) {
    const path = join(dir, `${number}.answer.${kind}`)
    // It may not be there yet, or be replaced just now.
    const text = (await readFile(path, 'utf8').catch(() => '')).trim()
    if (text === '') continue
    const changedMs = await stat(path).then(({ mtimeMs }) => mtimeMs, Date.now)
    if (isObject(text) || Date.now() - changedMs >= quietMs) return text
  }
  return undefined
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

function replyOf(request: ModelRequest, text: string): ModelReply {
  const { messages, tools = [] } = request
  const asked = [...messages.map((message) => message.content), JSON.stringify(tools)].join('\n')
  const tokens = { input: estimateTokens(asked), output: estimateTokens(text), cached: 0 }
  const calls = readCalls(text, { offered: tools, turn: messages.length })
  return calls ? { kind: 'calls', calls, text: '', tokens } : { kind: 'text', text, tokens }
}

/** The request with the longest list of messages that this one begins with. */
function earlierPart(
  known: ReadonlyMap<string, Asked>,
  number: string,
  request: ModelRequest,
): PageFacts['goesOnFrom'] {
  const messages = request.messages.map((message) => JSON.stringify(message))
  const earlier = [...known].filter(
    ([other, asked]) =>
      other !== number &&
      asked.messages.length < messages.length &&
      asked.messages.every((message, index) => message === messages[index]),
  )
  const [longest] = earlier.toSorted(([, a], [, b]) => b.messages.length - a.messages.length)
  const [other, asked] = longest ?? []
  return other === undefined || !asked?.messages.length ? undefined : { number: other, messages: asked.messages.length }
}

// Takes secrets out of what is read and of what is written, at three doors: the reader of a pull request, the codebase, and the
// journal.
//
// What must always hold: nothing that a person or a model wrote is stored, sent to a model or posted before it went through
// here. So everything behind the doors (prompts, spans, findings, comments) has placeholders only, and the check `secrets`
// finds those. Lines and columns stay as they are.
import type { Codebase, SearchHit } from '../jobs/code/codebase.ts'
import type { ChangeReader, Journal } from '../jobs/ports.ts'
import { placeholderFor } from '../review/markdown/placeholder.ts'
import { findSecrets } from './find-secrets.ts'
import { maskKeyRows } from './key-rows.ts'

/** The same text with placeholders of the same length for secrets. */
export async function maskSecrets(text: string): Promise<string> {
  let masked = ''
  let from = 0
  for (const { end, kind, start } of await findSecrets(text)) {
    masked += text.slice(from, start) + placeholderFor(text.slice(start, end), kind)
    from = end
  }
  return masked + text.slice(from)
}

/** For rows and pages. A title takes a fifth of a millisecond, so that deliveries need not wait for it. */
export async function maskTitle<T extends { title: string }>(titled: T): Promise<T> {
  return { ...titled, title: await maskSecrets(titled.title) }
}

/** What is no part of the file: the first character of a line, what git says itself, and the numbers before a hunk's section. */
const marker = /^\\.*|^@@ [-+,\d ]{1,80} @@ ?|^./s

/**
 * A key may go over many lines, and from one hunk into the next. Then rows that may be of a key whose ends are in no hunk; git takes
 * for a hunk's section whatever line above it begins with a letter.
 */
async function maskPatch(patch: string): Promise<string> {
  const hunks = (await maskBehindMarkers(patch, maskSecrets)).split(/^(@@ [^\n]*)/m)
  return (await Promise.all(hunks.map((part) => maskBehindMarkers(part, maskKeyRows)))).join('')
}

async function maskBehindMarkers(patch: string, mask: (text: string) => string | Promise<string>): Promise<string> {
  const rows = patch.split('\n').map((row) => ({ row, from: marker.exec(row)?.[0].length ?? 0 }))
  const masked = (await mask(rows.map(({ from, row }) => row.slice(from)).join('\n'))).split('\n')
  return rows.map(({ from, row }, index) => row.slice(0, from) + (masked[index] ?? '')).join('\n')
}

/** What is compared with GitHub's names must stay as it is. */
const verbatim = new Set(['path', 'previousPath'])

/** Every text inside a value that came from JSON, or will become it. */
async function maskDeep(value: unknown): Promise<unknown> {
  if (typeof value === 'string') return maskSecrets(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Promise.all(value.map(maskDeep))
  const fields = Object.entries(value).map(async ([name, field]: [string, unknown]): Promise<[string, unknown]> => {
    if (verbatim.has(name)) return [name, field]
    if (name === 'patch' && typeof field === 'string') return [name, await maskPatch(field)]
    return [name, await maskDeep(field)]
  })
  return Object.fromEntries(await Promise.all(fields))
}

/** Inputs and outputs are stored, and outputs answered, without secrets. */
export function createMaskedJournal(journal: Journal): Journal {
  return {
    async step<T>(key: string, input: unknown, run: Parameters<typeof journal.step<T>>[2]) {
      return journal.step<T>(key, await maskDeep(input), async () => {
        const result = await run()
        // Same shape: only texts were replaced, and those by texts.
        return { ...result, output: (await maskDeep(result.output)) as T }
      })
    },
  }
}

/** What is never journaled, and goes to the model with the rest: title and description. */
export function createMaskedReader(reader: ChangeReader): ChangeReader {
  return {
    readChange: reader.readChange,
    async readState(ref, signal) {
      const state = await reader.readState(ref, signal)
      return { ...state, title: await maskSecrets(state.title), body: await maskSecrets(state.body) }
    },
  }
}

/**
 * Files are masked whole, before some of their lines are shown: in the middle of a key nothing tells that it is one. So are subjects
 * of commits, before they are cut.
 */
export function createMaskedCodebase(codebase: Codebase): Codebase {
  const { history, search } = codebase
  const readFile: Codebase['readFile'] = async (path, at, signal) => {
    const text = await codebase.readFile(path, at, signal)
    return text === undefined ? undefined : maskSecrets(text)
  }
  const masked: Codebase = { ...codebase, readFile }
  if (search)
    masked.search = async (query, signal) => {
      const found = await search(query, signal)
      return { ...found, hits: await maskHits(found.hits, (path) => readFile(path, 'head', signal)) }
    }
  if (history)
    masked.history = async (path, lines, signal) => {
      const commits = await history(path, lines, signal)
      return Promise.all(commits.map(async (one) => ({ ...one, subject: await maskSecrets(one.subject) })))
    }
  return masked
}

/** A line of a key has 64 of these, and names seldom as many as this; of a line with 300 the rest is missing (`SearchHit`). */
const keyLike = /[\w+/=-]{48,}|^.{300}/

/** Other lines tell by themselves what is secret in them, and are left to the journal. */
async function maskHits(
  hits: readonly SearchHit[],
  read: (path: string) => Promise<string | undefined>,
): Promise<SearchHit[]> {
  const files = new Map<string, string[]>()
  const masked: SearchHit[] = []
  for (const hit of hits) {
    if (keyLike.test(hit.text)) {
      const lines = files.get(hit.path) ?? (await read(hit.path))?.split('\n') ?? []
      files.set(hit.path, lines)
      const line = lines[hit.line - 1]
      const text = line?.slice(0, hit.text.length) ?? placeholderFor(hit.text, 'secret')
      masked.push({ ...hit, text })
    } else masked.push(hit)
  }
  return masked
}

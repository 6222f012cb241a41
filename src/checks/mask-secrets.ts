// Takes secrets out of what is read and of what is written, at the two doors: the reader of a pull request, and the journal.
//
// What must always hold: nothing that a person or a model wrote is stored, sent to a model or posted before it went through
// here. So everything behind the doors (prompts, spans, findings, comments) has placeholders only, and the check `secrets`
// finds those. Lines and columns stay as they are.
import type { ChangeReader, Journal } from '../jobs/ports.ts'
import { placeholderFor } from '../review/markdown/placeholder.ts'
import { findSecrets } from './find-secrets.ts'

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

/** A patch: the first character of a line is not part of the file, and a key may go over many lines. */
async function maskPatch(patch: string): Promise<string> {
  const rows = patch.split('\n')
  const masked = (await maskSecrets(rows.map((row) => row.slice(1)).join('\n'))).split('\n')
  return rows.map((row, index) => row.slice(0, 1) + (masked[index] ?? '')).join('\n')
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

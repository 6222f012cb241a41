// The fence around text that somebody else wrote: two lines with a word that the text cannot contain.
//
// The word is a SHA-256 over all the text that is fenced. Its author knows the recipe, but would have to write a text that
// contains its own hash (96 bits of it). So nothing has to be replaced inside the text, no secret is needed, and a retry builds
// the same bytes, which the journal recognises.
import { createHash } from 'node:crypto'

export function fenceFor(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 24)
}

/** `name` is ours: what the text is. */
export function fenced(fence: string, name: string, text: string): string {
  return `BEGIN ${fence} ${name}\n${text}\nEND ${fence}`
}

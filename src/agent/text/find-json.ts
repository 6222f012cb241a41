// Finds the JSON object in what a model wrote: behind thoughts, in prose, in a Markdown fence, with small mistakes, cut off.

/** Where a text is searched for its object. More would let a hostile text cost its length squared. */
const maxStarts = 20

export interface FoundObject {
  value: object
  /** The text ended before the object did; it was closed after the last complete item of its list. */
  cutOff: boolean
}

/** The first object that `accepts`; `undefined` when there is none. */
export function findObject(text: string, accepts: (value: object) => boolean): FoundObject | undefined {
  const answer = withoutThoughts(text)
  let start = answer.indexOf('{')
  for (let tries = 0; start >= 0 && tries < maxStarts; tries++) {
    const { json, cutOff } = objectAt(answer, start)
    const value = parseLeniently(json)
    if (value && accepts(value)) return { value, cutOff }
    start = answer.indexOf('{', start + 1)
  }
  return undefined
}

/**
 * Thoughts that the server left in the text are no part of the answer: a draft in them is none, also when they never end. Many
 * templates write the opening tag into the prompt, so that the text has only the closing one.
 */
export function withoutThoughts(text: string): string {
  const isOpened = /^\s*<think(?:ing)?>/.test(text)
  if (!isOpened && /^\s*[{[`]/.test(text)) return text
  // An answer about code may name the tag, but a string in JSON has no line break, and hardly a brace, after it.
  const end = (isOpened ? /<\/think(?:ing)?>/ : /<\/think(?:ing)?>(?=\s*[\n{`])/).exec(text)
  if (end) return text.slice(end.index + end[0].length)
  return isOpened ? '' : text
}

/** The text of the object that begins at `start`. Of one that does not end, the part that can be used. */
function objectAt(text: string, start: number): { json: string; cutOff: boolean } {
  const closers: string[] = []
  let usable = ''
  for (let i = start; i < text.length; i++) {
    const character = text[i]
    if (character === '"') i = endOfString(text, i)
    else if (character === '{') closers.push('}')
    else if (character === '[') closers.push(']')
    else if (character === '}' || character === ']') {
      closers.pop()
      if (closers.length === 0) return { json: text.slice(start, i + 1), cutOff: false }
      // An item of a list in the object itself is complete here.
      if (closers.length === 2 && closers[1] === ']') usable = `${text.slice(start, i + 1)}]}`
    }
  }
  return { json: usable, cutOff: true }
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i
  }
  return text.length
}

function parseLeniently(json: string): object | undefined {
  // Repaired only when it has to be: that takes long for a long text.
  for (const attempt of [() => json, () => repaired(json)]) {
    try {
      const value: unknown = JSON.parse(attempt())
      return typeof value === 'object' && value !== null ? value : undefined
    } catch {
      // The next attempt, or none.
    }
  }
  return undefined
}

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** What models get wrong most: commas after the last item, and line breaks and tabs inside strings. */
function repaired(json: string): string {
  return json.replace(/("(?:[^"\\]|\\[\s\S])*")|,(?=\s*[}\]])/g, (_, text: string | undefined) =>
    (text ?? '').replace(/[\n\r\t]/g, (character) => escapes[character] ?? character),
  )
}

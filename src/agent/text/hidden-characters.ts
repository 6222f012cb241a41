// Characters that a reader does not see: controls, direction overrides, zero-width and tag characters. Code and orders can be
// hidden in them (https://trojansource.codes, https://www.unicode.org/reports/tr36/). They are never removed from code: the
// model sees the bytes that will run, and beside them what a person would miss.

// U+FE0F is left out: it follows ordinary emoji.
const hidden = /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]--[\t\n\r\u{FE0F}]]/gv

/** For example `U+202E, U+200B (3 times)`, at most 12 different ones; empty when there are none. */
export function listHidden(text: string): string {
  const counts = new Map<string, number>()
  for (const [character] of text.matchAll(hidden)) counts.set(character, (counts.get(character) ?? 0) + 1)
  const named = [...counts].map(([one, times]) => codePoint(one) + (times > 1 ? ` (${times} times)` : ''))
  return [...named.slice(0, 12), ...(named.length > 12 ? ['and others'] : [])].join(', ')
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

export interface Prose {
  text: string
  /** What was taken out, for people and for the model; empty when nothing was. */
  removed: string
}

/**
 * Text that GitHub shows as Markdown, as a person sees it: without HTML comments and without hidden characters. Not for code.
 * An HTML comment that is never closed hides all that follows, as it does on GitHub.
 */
export function visibleProse(markdown: string): Prose {
  const characters = listHidden(markdown)
  let text = markdown.replace(hidden, '')
  let comments = 0
  // Again, because taking one out can leave another one behind.
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/<!--[\s\S]*?(?:-->|$)/g, () => (comments++, ''))
  }
  const removed = [
    comments > 0 ? `HTML comments (${comments})` : '',
    characters ? `hidden characters: ${characters}` : '',
  ]
  return { text, removed: removed.filter(Boolean).join('; ') }
}

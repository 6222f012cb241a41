// A model's Markdown, made safe to post under our name.
//
// What must always hold: whoever wrote the text, posting it notifies nobody, links nothing, closes nothing, commands no bot,
// loads no image, hides nothing, forges no marker and does not reach beyond its own end. And it is still readable.
//
// The design: we and GitHub must agree on what is code and what is text, because GitHub looks for mentions, references and
// links in text only, after Markdown has been rendered. So nothing is searched for in Markdown as it came: the text is read
// line by line, and written anew in a form that can be read in one way only.
// - Fenced blocks begin and end at the left margin, with a fence that nothing inside can close; an open one is closed. Blocks
//   that GitHub does more with than show (suggestion, mermaid, math, maps) become plain ones.
// - Code spans end on their own line. Every other backtick is escaped, so no other code span exists.
// - In text `<` becomes an entity (no HTML, no comment, no autolink), and `&` too, so that no entity hides a character:
//   `&#64;name` is shown as it was written. `[` is escaped: no link, image, reference, definition or footnote.
//   `$` is escaped: no formulas. URLs become code. A zero-width space follows each `@`, the `#` of each number, and what is
//   left of a URL.
// - Tables lose their delimiter row, because a cell's border cuts code spans in two.
// All hidden characters are removed first, so the ones written here are ours, and doing it twice changes nothing.
//
// https://github.github.com/gfm/ (6.1 escapes, 6.2 entities, 6.3 code spans, 4.5 fences, 4.10 tables, 6.9 autolinks)
// https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
import { codeBlock, codeSpan } from './code.ts'
import { stripHidden } from './hidden.ts'

/** Markdown of any number of lines. At most `maxLength` UTF-16 units. */
export function harmless(text: string, maxLength: number): string {
  return cutToFit(text, maxLength, writeBlocks)
}

/** One line of plain text, for the end of a line of ours. At most `maxLength` UTF-16 units. */
export function harmlessLine(text: string, maxLength: number): string {
  return cutToFit(text, maxLength, (line) => writeInline(line.replace(/\s+/g, ' ').trim(), /[*_~]/))
}

/** Writing makes text longer, so what is cut is the text before it: no escape, fence or entity is ever cut in two. */
function cutToFit(text: string, maxLength: number, write: (text: string) => string): string {
  const whole = stripHidden(text)
  let kept = Math.min(whole.length, maxLength)
  let written = write(kept < whole.length ? cut(whole, kept) : whole)
  while (written.length > maxLength && kept > 0) {
    kept = Math.floor(kept * 0.8)
    written = write(cut(whole, kept))
  }
  return written
}

function cut(text: string, length: number): string {
  // Stripped again, as the cut may have halved a surrogate pair.
  return length === 0 ? '' : `${stripHidden(text.slice(0, length - 1))}…`
}

/** The opening of a fence, also after a list's mark. Information after backticks holds no backtick, as in GitHub's grammar. */
const opening = /^([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?:(`{3,})([^`]*)|(~{3,})(.*))$/
const plainLanguage = /^[\w+#.-]{1,20}$/
/** GitHub does more with these than showing them. */
const activeLanguages = new Set(['suggestion', 'mermaid', 'math', 'geojson', 'topojson', 'stl'])

function writeBlocks(text: string): string {
  const lines = text.split('\n')
  const written: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, margin, backticks, info, tildes, tildeInfo] = opening.exec(lines[at] ?? '') ?? []
    const fence = backticks ?? tildes
    if (fence === undefined || margin === undefined) {
      written.push(writeTextLine(lines[at] ?? ''))
      continue
    }
    const end = closingLine(lines, at + 1, fence)
    const code = lines.slice(at + 1, end).map((line) => dedent(line, margin.length))
    written.push(codeBlock(code.join('\n'), languageOf(info ?? tildeInfo ?? '')))
    at = end
  }
  return written.join('\n').replace(/^\n+/, '').trimEnd()
}

/** Index of the line that closes the fence, or the number of lines when none does. */
function closingLine(lines: readonly string[], from: number, fence: string): number {
  const isClosing = (line: string): boolean => {
    const mark = line.trim()
    return mark.length >= fence.length && mark === fence.charAt(0).repeat(mark.length)
  }
  const found = lines.slice(from).findIndex(isClosing)
  return found < 0 ? lines.length : from + found
}

function dedent(line: string, width: number): string {
  const indent = line.length - line.trimStart().length
  return line.slice(Math.min(indent, width))
}

function languageOf(info: string): string {
  const [language = ''] = info.trim().split(/\s/, 1)
  return plainLanguage.test(language) && !activeLanguages.has(language.toLowerCase()) ? language : ''
}

function writeTextLine(line: string): string {
  return writeInline(withoutDelimiterRow(line)).replace(/^([ \t]*)(?=\/[a-z])/i, '$1\u200b')
}

/** `| --- | :-: |`, also in a quote: what makes a table of the line above. */
function withoutDelimiterRow(line: string): string {
  const row = line.replace(/^[\s>]+/, '')
  const isDelimiterRow = /^[-|:\s]+$/.test(row) && row.includes('-') && /[|:]/.test(row)
  return isDelimiterRow ? `${line.slice(0, line.length - row.length)}\\${row}` : line
}

interface Piece {
  kind: 'code' | 'text'
  text: string
}

/** `plain`: characters to escape besides those that always are. */
function writeInline(line: string, plain = /(?!)/): string {
  let written = ''
  let last: Piece['kind'] = 'text'
  for (const piece of piecesOf(line).flatMap((one) => (one.kind === 'text' ? splitLinks(one.text) : [one]))) {
    const text = piece.kind === 'code' ? codeSpan(piece.text) : writeText(piece.text, plain)
    if (text === '') continue
    // Two spans side by side would become one, and a backslash would take the first backtick.
    const mustPart = piece.kind === 'code' && (last === 'code' || /(?<!\\)(?:\\\\)*\\$/.test(written))
    written += mustPart ? ` ${text}` : text
    last = piece.kind
  }
  return written
}

/** Code spans and the text between them, as CommonMark reads one line. Backticks left over are escaped. */
function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = []
  const tokens = /\\.|`+|[^\\`]+|\\$/gsy
  let text = ''
  for (let token = tokens.exec(line)?.[0]; token !== undefined; token = tokens.exec(line)?.[0]) {
    const from = tokens.lastIndex
    const end = token.startsWith('`') ? endOfSpan(line, from, token.length) : undefined
    if (end === undefined) {
      text += token.startsWith('`') ? '\\`'.repeat(token.length) : token
      continue
    }
    pieces.push({ kind: 'text', text }, { kind: 'code', text: line.slice(from, end) })
    text = ''
    tokens.lastIndex = end + token.length
  }
  return [...pieces, { kind: 'text', text }]
}

/** Where the next run of exactly `length` backticks begins. */
function endOfSpan(line: string, from: number, length: number): number | undefined {
  for (const run of line.slice(from).matchAll(/`+/g)) if (run[0].length === length) return from + run.index
  return undefined
}

/**
 * Everything GitHub may turn into a link by itself. It ends before HTML and before the entities that are left
 * as they are, so that writing it twice changes nothing.
 * Schemes are bounded so that long words cost nothing.
 */
const link =
  /(?:[a-z][a-z0-9+.-]{0,30}:\/\/|www\.)(?:(?!&(?:amp|lt|gt|quot);)[^\s`\\<>"])*(?!&(?:amp|lt|gt|quot);)[^\s`\\<>".,;:!?'()[\]*_~]/gi

function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const found of text.matchAll(link)) {
    pieces.push({ kind: 'text', text: text.slice(from, found.index) }, { kind: 'code', text: found[0] })
    from = found.index + found[0].length
  }
  return [...pieces, { kind: 'text', text: text.slice(from) }]
}

function writeText(text: string, plain: RegExp): string {
  return text
    .replace(/\\.|&(?:amp|lt|gt|quot);|[^\\]/gs, (one) => writeCharacter(one, plain))
    .replace(/@/g, '@\u200b')
    .replace(/#(?=\d)/g, '#\u200b')
    .replace(/gh\\?-(?=\d)|www(?=\.)|:(?=\/\/)/gi, '$&\u200b')
}

/** One character, an entity that may stay, or a backslash with the character it escapes. */
function writeCharacter(one: string, plain: RegExp): string {
  const character = one.at(-1) ?? ''
  if (character === '<') return '&lt;'
  if (one === '\\&' || one === '&') return '&amp;'
  if (one.length > 1) return one
  return character === '[' || character === '$' || plain.test(character) ? `\\${character}` : character
}

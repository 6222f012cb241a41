// Rows that look like the middle of a key. A hunk may begin behind a key's first line and end before its last one, and then
// nothing in it says that it is a key, let alone whose: a certificate and a picture in base64 have the same rows.
//
// What must always hold: the time grows with the length of the text and no faster, and rows stay as long as they were.
import { block, placeholderFor } from '../review/markdown/placeholder.ts'

/**
 * Of one hunk, without markers. The kind is `base64`, which is all that is known: the check `secrets` goes by `key`, `token` and
 * `secret`, and so makes no finding of it. A finding for each certificate would teach people to skip those for keys.
 */
export function maskKeyRows(text: string): string {
  const pieces = piecesOf(text)
  if (!pieces.some((_, index) => isCutOff(pieces, index))) return text
  let masked = ''
  let from = 0
  for (const [index, { run, start }] of pieces.entries()) {
    const isTail = run !== '' && isKeyRow(pieces[index - 1])
    if (!isTail && !isKeyRow(pieces[index])) continue
    masked += text.slice(from, start) + (from === 0 ? placeholderFor(run, 'base64') : block.repeat(run.length))
    from = start + run.length
  }
  return masked + text.slice(from)
}

/** Between two line breaks, also written out as `\n`. What may stand between the rows of one key is none. */
interface Piece {
  /** The base64 that stands alone in it, maybe in quotes; else empty. */
  run: string
  /** Where the run is: a UTF-16 offset in the text. */
  start: number
}

/** As long as a key's last row may be, and longer than most words, to as many as MIME allows. PEM has 64, OpenSSH 70. */
const base64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{12,76}={0,2}(?![A-Za-z0-9+/=])/
/** A name is beside it, or other code. Python writes `b"…"`. */
const words = /[A-Za-z0-9]{2}/
/** Blank rows, quotes, and what joins or begins the lines of a text in code. */
const between = /^[\s"'`+,;.\\#*/]*$/

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const [index, part] of text.split(/(\n|\\[nrt])/).entries()) {
    if (index % 2 === 0 && !between.test(part)) {
      const { 0: run = '', index: start = 0 } = base64.exec(part) ?? {}
      const isAlone = !words.test(`${part.slice(0, start)} ${part.slice(start + run.length)}`)
      pieces.push({ run: isAlone ? run : '', start: at + start })
    }
    at += part.length
  }
  return pieces
}

const minRowLength = 48

/** Names and paths of this length seldom have all three, hashes in hexadecimal never. Of 600,000 random rows one has not. */
function isKeyRow(piece: Piece | undefined): boolean {
  if (piece === undefined || piece.run.length < minRowLength) return false
  return [/[A-Z]/, /[a-z]/, /[\d+/]/].every((form) => form.test(piece.run))
}

/** At the edge of the hunk, where what tells of a key may be just outside; or as long as the next row: lines of code seldom are. */
function isCutOff(pieces: readonly Piece[], index: number): boolean {
  const piece = pieces[index]
  const next = pieces[index + 1]
  if (!isKeyRow(piece)) return false
  return index === 0 || next === undefined || (isKeyRow(next) && next.run.length === piece?.run.length)
}

// Characters that a reader does not see: control, format (zero-width, bidirectional, tags), fillers, halves of a pair.
// They make text read differently from what it is. https://trojansource.codes

const hidden =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u3164\uffa0\u{e0100}-\u{e01ef}]/gu

/** Without them, and with `\n` for every kind of line break. */
export function stripHidden(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(hidden, '')
}

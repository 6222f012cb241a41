// Characters that a reader does not see: control, format (zero-width, bidirectional, tags), fillers, halves of a pair.
// They make text read differently from what it is. https://trojansource.codes

// U+FE0F is left: it follows ordinary emoji.
const hidden = /[[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]--[\t\n\u{FE0F}]]/gv

/** Without them, and with `\n` for every kind of line break. */
export function stripHidden(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(hidden, '')
}

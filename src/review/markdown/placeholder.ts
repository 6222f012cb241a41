// What stands where a secret stood: as many UTF-16 units, so that every line and column stays where it was, and the secret's
// kind, so that people, models and checks know what was there. Nothing of the secret itself is in it.

/** What placeholders are made of. No code is expected to hold it. */
export const block = '█'
const written = /█(secret|[A-Za-z0-9][A-Za-z0-9 -]{0,23} (?:key|token|secret))█/g

/** `kind` is a few words that end in key, token or secret. Line breaks stay; the kind is named once, where it fits first. */
export function placeholderFor(secret: string, kind: string): string {
  let labels = [kind, 'secret']
  return secret.replace(/[^\r\n]+/g, (line) => {
    const label = labels.find((one) => one.length + 2 <= line.length)
    if (label === undefined) return block.repeat(line.length)
    labels = []
    return block + label + block.repeat(line.length - label.length - 1)
  })
}

/** The kinds of secrets of which placeholders stand in the text. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(written)].map(([, kind = '']) => kind)
}

// Whether a value looks as if a machine made it up. Names, paths, placeholders and words do not.

const standIn =
  /example|sample|dummy|fake|change.?me|placeholder|your|insert|redacted|x{4}|\*{3}|\.{3}|12345|abcde|test|foo|lorem|[${}<>()%]/i
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** A word, with a version at its end at most; also several of them in one, and a number alone. */
const word = /^[a-z]*\d{0,4}$/i

/** Bits for each character, by the characters that occur: 16 random hexadecimal digits have 3.0 or more, words of a language less variety. */
const minEntropy = 3

export function isRandom(value: string): boolean {
  if (standIn.test(value) || uuid.test(value)) return false
  if (!/[a-z]/i.test(value) || !/\d/.test(value)) return false
  if (value.split(/[-_./:@+=~,]+/).every((part) => word.test(part))) return false
  return entropyOf(value) >= minEntropy
}

/** Shannon's, in bits for each character. */
function entropyOf(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  const shares = [...counts.values()].map((count) => count / value.length)
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0)
}

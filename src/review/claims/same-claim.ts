// Whether two texts say the same of one place in the code, told by their words alone.
//
// Titles share few words even where they name one cause, so what says nothing is taken away first: small words, endings, and
// the words of the code itself, which everybody uses who speaks of that line. Of what is left, half of the shorter one must
// be in the other. A word of the code counts against it: who speaks of `user` and who speaks of `profile` mean two things.
//
// Measured on `test/review/worded-pairs.ts`, pairs on one line: 24 of 28 that have one cause are found, and 1 of 31 that have
// two is taken for one. Half of all words in common finds 3 of the 28, and takes 2 of the 31 for one.

const small = new Set(
  (
    'a all an and any are as at be because by can does each every for from has have here if in into is it its may no ' +
    'not nothing of on one or so such than that the their then there this to too when where which while will with without'
  ).split(' '),
)
/** Half of the shorter text: below that, two problems of one line are taken for one, see above. */
const enough = 0.5

/** The words, lower case, without marks. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}

/** Of two texts that need not be about the same line: the share of words in common, of the words in either. */
export function shareOfWords(a: string, b: string): number {
  const [first, second] = [new Set(wordsOf(a)), new Set(wordsOf(b))]
  const all = first.union(second).size
  return all === 0 ? 1 : first.intersection(second).size / all
}

/** Of two texts about the same line or lines, of which `code` is a part or all. */
export function saysTheSame(a: string, b: string, code: string): boolean {
  const names = stemsOf(code.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 '))
  const [first, second] = [stemsOf(a), stemsOf(b)]
  const [firstNames, secondNames] = [first.intersection(names), second.intersection(names)]
  const meansOther = firstNames.size > 0 && secondNames.size > 0 && firstNames.isDisjointFrom(secondNames)
  if (meansOther || first.intersection(second).size < 2) return false
  const [said, heard] = [first.difference(names), second.difference(names)]
  return said.intersection(heard).size >= enough * Math.max(1, Math.min(said.size, heard.size))
}

/** Without the endings of English, roughly: enough for "reads", "reading" and "read" to be one word. */
function stemsOf(text: string): Set<string> {
  const words = wordsOf(text).filter((word) => !small.has(word))
  return new Set(words.map((word) => word.replace(/(?<=^.{3,})(?:ings?|ed|ers?|ies|es|s|y|e|ion|able|ally)$/, '')))
}

/** Of a summary. What a change does fits into as many; more is retelling it. */
export const maxSummarySentences = 3

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

/** The first ones, to their last letter. A line break ends a sentence; a point inside a word, a number or code does not. */
export function firstSentences(text: string, count: number): string {
  const whole = text.trim()
  let seen = 0
  for (const { index, segment } of sentences.segment(whole)) {
    if (segment.trim() !== '' && ++seen === count) return whole.slice(0, index + segment.length).trimEnd()
  }
  return whole
}

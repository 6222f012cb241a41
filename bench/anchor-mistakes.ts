// The mistakes that models make when they name a line, written down. The shares are assumptions: the kinds are those that users
// of automated reviewers report (offsets inside the patch taken for line numbers, off by a few, the wrong side, equal lines,
// white space lost), and a number is taken to be wrong in a quarter of all findings, which is worse than what is published.
// A hash is three characters and is copied better than code, so it is miscopied half as often.
import { between, pick } from '../test/support/generate-diff.ts'

export interface Spot {
  kind: 'added' | 'removed' | 'context'
  side: 'LEFT' | 'RIGHT'
  line: number
  /** Row among all rows of the file's patch, from 1. */
  offset: number
  text: string
  hash: string
}

export interface Claim extends Spot {
  quote: string
}

type Random = () => number

export interface Mistake {
  name: string
  /** Of 100. */
  share: number
  make: (claim: Claim, spots: readonly Spot[], random: Random) => Claim
}

export const numberMistakes: readonly Mistake[] = [
  { name: 'right', share: 75, make: (claim) => claim },
  {
    name: 'off by 1 to 3',
    share: 12,
    make: (claim, _, random) => ({ ...claim, line: Math.max(1, claim.line + pick(random, [-3, -2, -1, 1, 2, 3])) }),
  },
  { name: 'offset in the patch', share: 6, make: (claim) => ({ ...claim, line: claim.offset }) },
  {
    name: 'off by 10 to 40',
    share: 3,
    make: (claim, _, random) => ({
      ...claim,
      line: Math.max(1, claim.line + pick(random, [-1, 1]) * between(random, 10, 40)),
    }),
  },
  { name: 'other side', share: 4, make: (claim) => ({ ...claim, side: claim.side === 'LEFT' ? 'RIGHT' : 'LEFT' }) },
]

export const copyMistakes: readonly Mistake[] = [
  { name: 'right', share: 86, make: (claim) => claim },
  { name: 'white space changed', share: 4, make: (claim) => ({ ...claim, quote: claim.quote.replace(/\s+/g, ' ') }) },
  {
    name: 'white space lost; of half of the hashes one character wrong',
    share: 3,
    make: (claim, _, random) => ({
      ...claim,
      quote: claim.quote.replace(/\s+/g, ''),
      hash: random() < 0.5 ? claim.hash : miscopied(claim.hash, random),
    }),
  },
  {
    name: 'end left out; of half of the hashes one character wrong',
    share: 3,
    make: (claim, _, random) => ({
      ...claim,
      quote: claim.quote.trim().slice(0, Math.max(6, Math.ceil(claim.quote.trim().length * (0.4 + random() * 0.5)))),
      hash: random() < 0.5 ? claim.hash : miscopied(claim.hash, random),
    }),
  },
  {
    name: 'a word changed; of half of the hashes one character wrong',
    share: 2,
    make: (claim, _, random) => ({
      ...claim,
      quote: claim.quote.replace(/\w+(?=\W*$)/, 'other'),
      hash: random() < 0.5 ? claim.hash : miscopied(claim.hash, random),
    }),
  },
  {
    name: 'that of a neighbour',
    share: 2,
    make: (claim, spots, random) => {
      const neighbour = spots[claim.offset - 1 + pick(random, [-1, 1])]
      return neighbour ? { ...claim, quote: neighbour.text, hash: neighbour.hash } : claim
    },
  },
]

function miscopied(hash: string, random: Random): string {
  const at = between(random, 0, hash.length - 1)
  return hash.slice(0, at) + between(random, 0, 35).toString(36) + hash.slice(at + 1)
}

export function pickMistake(random: Random, mistakes: readonly Mistake[]): Mistake {
  let dice = random() * mistakes.reduce((all, { share }) => all + share, 0)
  for (const mistake of mistakes) {
    dice -= mistake.share
    if (dice < 0) return mistake
  }
  return mistakes[0]!
}

// How a model should name a line: `node bench/anchors.ts`. Over the diffs of a repository's history, three ways are compared: the
// number alone, number and quoted code, number and a short hash that stands beside each line. No model takes part: its mistakes
// are simulated by the written model in `anchor-mistakes.ts`, with the same mistakes in the number for each way.
//
// `--repo DIR` takes another repository than this one, `--commits 150` so many of its newest. Tokens are bytes / 3.5, or counted
// by a module with an `encode` (`--tokenizer FILE`).
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { estimateTokens } from '../src/agent/budget.ts'
import { showFile, textOfFile } from '../src/agent/shown-file.ts'
import { readGitDiff } from '../src/repo/read-git-diff.ts'
import { type FileDiff, type Line, parseFilePatch } from '../src/review/diff.ts'
import { chooseFiles } from '../src/review/filter.ts'
import type { Anchor } from '../src/review/finding.ts'
import { placeFindings } from '../src/review/place.ts'
import type { ChangedFile } from '../src/review/pull-request.ts'
import { createRandom, pick } from '../test/support/generate-diff.ts'
import { type Claim, copyMistakes, numberMistakes, pickMistake, type Spot } from './anchor-mistakes.ts'

const { values } = parseArgs({
  options: {
    repo: { type: 'string', default: '.' },
    commits: { type: 'string', default: '150' },
    findings: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    tokenizer: { type: 'string' },
  },
})
const random = createRandom(Number(values.seed))
const tokens: (text: string) => number = await tokenizer(values.tokenizer)

async function tokenizer(path: string | undefined): Promise<typeof tokens> {
  if (path === undefined) return estimateTokens
  const { encode } = (await import(path)) as { encode: (text: string) => unknown[] } // what the option asks for
  return (text) => encode(text).length
}

interface ReadFile {
  file: ChangedFile
  diff: FileDiff
  /** All lines that can be commented on. */
  spots: Spot[]
}

function filesOfHistory(): ReadFile[][] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', values.repo, ...args], { encoding: 'utf8', maxBuffer: 1 << 30 })
  const commits = git('log', '--no-merges', '--format=%H', '-n', values.commits).trim().split('\n')
  return commits.map((commit) =>
    chooseFiles(
      readGitDiff(
        git('show', '--format=', '-M', '--src-prefix=a/', '--dst-prefix=b/', '--no-color', '--no-ext-diff', commit),
      ),
    ).read.flatMap((file) => {
      const diff = parseFilePatch(file)
      return 'kind' in diff ? [] : [{ file, diff, spots: spotsOf(diff) }]
    }),
  )
}

function spotsOf({ hunks }: FileDiff): Spot[] {
  const rows = hunks.flatMap(({ lines }) => lines)
  return rows.map((row, offset) => ({
    kind: row.kind,
    side: row.kind === 'removed' ? 'LEFT' : 'RIGHT',
    line: numberOf(row),
    offset: offset + 1,
    text: row.text,
    hash: hashOf(row),
  }))
}

const numberOf = (row: Line): number => row.newLine ?? row.oldLine ?? 0

/** Three letters or digits, of which no two lines of a file share many: the number is in it, so equal lines differ. */
function hashOf(row: Line): string {
  const digest = createHash('sha256')
    .update(`${row.kind === 'removed'} ${numberOf(row)} ${row.text}`)
    .digest()
  return digest.readUInt16BE().toString(36).padStart(4, '0').slice(-3)
}

const ways = ['number', 'quote', 'hash'] as const
type Way = (typeof ways)[number]
type Ending = 'hit' | 'near' | 'wrong' | 'body'
type Tally = Record<Ending, number>

/** The same resolver for all: for a hash the file's lines are replaced by their hashes, and the hash is what is quoted. */
function resolve(way: Way, { diff, file }: ReadFile, claim: Claim): Anchor | undefined {
  const hashed = { ...diff, hunks: diff.hunks.map((hunk) => ({ ...hunk, lines: hunk.lines.map(asHash) })) }
  const quote = { number: undefined, quote: claim.quote, hash: claim.hash }[way]
  const [placed] = placeFindings(
    [
      {
        ...{ reviewer: 'x', severity: 'low', title: '', body: '', path: file.path, line: claim.line, side: claim.side },
        ...(quote === undefined ? {} : { quote }),
      },
    ],
    [way === 'hash' ? hashed : diff],
  )
  return placed?.placement.kind === 'inline' ? placed.placement.anchor : undefined
}

const asHash = (row: Line): Line => ({ ...row, text: hashOf(row) })

function judge(anchor: Anchor | undefined, truth: Spot): Ending {
  if (!anchor) return 'body'
  if (anchor.side === truth.side && anchor.line === truth.line) return 'hit'
  return anchor.side === truth.side && Math.abs(anchor.line - truth.line) <= 3 ? 'near' : 'wrong'
}

/** A line that a finding is about: mostly an added one. */
function pickSpot({ spots }: ReadFile): Spot {
  const dice = random()
  const kind = dice < 0.75 ? 'added' : dice < 0.88 ? 'context' : 'removed'
  const wanted = spots.filter((spot) => spot.kind === kind && spot.text.trim().length > 1)
  return pick(random, wanted.length > 0 ? wanted : spots)
}

function measureHits(files: readonly ReadFile[]): void {
  const tallies = new Map<string, Tally>()
  const count = (name: string, way: Way, ending: Ending): void => {
    const tally = tallies.get(`${name}|${way}`) ?? { hit: 0, near: 0, wrong: 0, body: 0 }
    tally[ending]++
    tallies.set(`${name}|${way}`, tally)
  }
  for (let index = 0; index < Number(values.findings); index++) {
    const file = pick(random, files)
    const truth = pickSpot(file)
    const number = pickMistake(random, numberMistakes)
    const copy = pickMistake(random, copyMistakes)
    const claim = copy.make(number.make({ ...truth, quote: truth.text }, file.spots, random), file.spots, random)
    for (const way of ways) {
      const ending = judge(resolve(way, file, claim), truth)
      count('all', way, ending)
      count(`number: ${number.name}`, way, ending)
      count(`copy: ${copy.name}`, way, ending)
    }
  }
  printTallies(tallies)
}

/** Code that stands in another file, at a number that is in this one: whatever is placed is placed wrongly. */
function measureInvented(files: readonly ReadFile[]): void {
  const placed: Record<Way, number> = { number: 0, quote: 0, hash: 0 }
  let tried = 0
  while (tried < Number(values.findings) / 4) {
    const [file, other] = [pick(random, files), pick(random, files)]
    const [here, there] = [pickSpot(file), pickSpot(other)]
    const isThere = file.spots.some(({ text }) => text.trim() === there.text.trim())
    if (isThere) continue
    tried++
    const claim = { ...here, quote: there.text, hash: there.hash }
    for (const way of ways) if (resolve(way, file, claim)) placed[way]++
  }
  const shares = ways.map((way) => `${way} ${((100 * placed[way]) / tried).toFixed(1)} %`)
  console.log(`\nOf code that is not in the file, placed all the same: ${shares.join(', ')}`)
}

function printTallies(tallies: ReadonlyMap<string, Tally>): void {
  const share = (part: number, tally: Tally): string => {
    const all = Object.values(tally).reduce((sum, one) => sum + one, 0)
    return `${((100 * part) / all).toFixed(1)} %`
  }
  console.log(
    '\n| mistake | way | on the line | within 3 lines | wrong line | in the body |\n| --- | --- | --- | --- | --- | --- |',
  )
  for (const [name, tally] of [...tallies].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const cells = [tally.hit, tally.near, tally.wrong, tally.body].map((part) => share(part, tally))
    console.log(`| ${[...name.split('|'), ...cells].join(' | ')} |`)
  }
}

/** Tokens of all files of a diff together, as text of each kind. */
function measureTokens(diffs: readonly (readonly ReadFile[])[]): void {
  const shown = (file: ChangedFile): string => {
    const text = showFile(file)
    return 'reason' in text ? '' : textOfFile(text)
  }
  const kinds: Record<string, (one: ReadFile) => string> = {
    own: ({ file }) => `=== ${file.path}\n${file.patch}`,
    numbers: ({ file }) => shown(file),
    'numbers and hashes': ({ file, spots }) => withHashes(shown(file), spots),
  }
  const sums = Object.entries(kinds).map(([name, textOf]): [string, number[]] => [
    name,
    diffs.map((files) => tokens(files.map(textOf).join('\n'))),
  ])
  const own = sums[0]?.[1] ?? []
  console.log(
    '\n| the diff as | tokens | times its own | median of the commits | 95th percentile |\n| --- | --- | --- | --- | --- |',
  )
  for (const [name, each] of sums) {
    const ratios = each.map((one, index) => one / (own[index] ?? 1)).toSorted((a, b) => a - b)
    const at = (share: number): string => (ratios[Math.floor(ratios.length * share)] ?? 0).toFixed(2)
    console.log(
      `| ${name} | ${sum(each).toLocaleString('en-US')} | ${(sum(each) / sum(own)).toFixed(3)} | ${at(0.5)} | ${at(0.95)} |`,
    )
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** `12#a3f +code` instead of `12 +code`. */
function withHashes(text: string, spots: readonly Spot[]): string {
  let next = 0
  return text
    .split('\n')
    .map((row) => (/^\d+ /.test(row) ? row.replace(' ', `#${spots[next++]?.hash} `) : row))
    .join('\n')
}

function measureAnswers(files: readonly ReadFile[]): void {
  const some = Array.from({ length: 2_000 }, () => pickSpot(pick(random, files)))
  const perFinding = (make: (spot: Spot) => string): string =>
    (sum(some.map((spot) => tokens(make(spot)))) / some.length).toFixed(1)
  console.log(
    `\nA quote takes ${perFinding((spot) => `"quote": ${JSON.stringify(spot.text.trim())}`)} tokens of an answer,`,
  )
  console.log(`a hash ${perFinding((spot) => `"hash": "${spot.hash}"`)}.`)
}

const diffs = filesOfHistory().filter((files) => files.length > 0)
const files = diffs.flat()
console.log(
  `${diffs.length} commits, ${files.length} files, ${sum(files.map(({ spots }) => spots.length))} lines, seed ${values.seed}`,
)
console.log(`Tokens: ${values.tokenizer === undefined ? 'bytes / 3.5' : 'as the given tokenizer counts them'}`)
measureTokens(diffs)
measureAnswers(files)
measureHits(files)
measureInvented(files)

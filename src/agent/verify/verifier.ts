// The verifier: each finding is tried again by a call whose task is to refute it, with the code at hand.
//
// What must always hold: it fails closed. Only a verdict `confirmed` that cites lines which were shown in this very conversation
// lets a finding through; refuted, unsure, missing, unreadable, or citing code that nobody opened: held back. A severity can
// only go down. What the checks found needs no verdict.
import type { Material, Verified, Verifier } from '../../jobs/ports.ts'
import { type PlacedFinding, severities, type Severity, type Verification } from '../../review/finding.ts'
import type { Change } from '../../review/pull-request.ts'
import { wording } from '../../review/wording.ts'
import { tokensOf } from '../budget.ts'
import { nothingAround, readAround } from '../context.ts'
import { converse, type Line, type Topic, UselessAnswerError } from '../converse.ts'
import { addTokens } from '../model.ts'
import { type ShownFile, showFile } from '../shown-file.ts'
import { createOpened, linesShown, type Opened } from '../tools/opened.ts'
import type { Library } from '../tools/tool.ts'
import { createToolbox } from '../tools/toolbox.ts'
import { buildVerifyPrompt } from './verify-prompt.ts'
import { readVerdicts, type Verdict, verdictForm, type Verdicts } from './verdicts.ts'

export interface VerifierOptions extends Line {
  openLibrary?: (change: Change, signal: AbortSignal) => Promise<Omit<Library, 'files'> | undefined>
}

/** Of one call: more at once are judged less well than one by one, and one by one pays for the code each time. */
const maxCandidates = 10
/** Estimated tokens of the files in one call. */
const maxFileTokens = 16_000
const aroundTokens = 3_000
const maxOutputTokens = 8_000
const maxRounds = 6
/** What all requests may come to: of the diff, and at least for a small change. */
const allowed = { timesDiff: 3, atLeast: 40_000, smallFiles: 10 }

export function createVerifier(options: VerifierOptions): Verifier {
  return {
    async verify(material, candidates, signal) {
      const files = material.files.map(showFile).flatMap((file) => ('reason' in file ? [] : [file]))
      const opened = await options.openLibrary?.(material.change, signal)
      const court: Court = { line: options, material, files, ...(opened ? { library: { ...opened, files } } : {}) }
      const judged: Verified = { findings: [], unheard: 0, tokens: { input: 0, output: 0, cached: 0 } }
      const batches = batchesOf(candidates.filter(needsVerdict), files)
      const share = allowanceOf(files) / Math.max(1, batches.length)
      const verified = new Map<PlacedFinding, PlacedFinding>()
      for (const [index, batch] of batches.entries()) {
        const heard = await hear(court, { ...batch, name: String(index + 1), allowance: share }, signal)
        for (const [place, finding] of batch.candidates.entries()) {
          const after = heard.findings[place]
          if (after) verified.set(finding, after)
        }
        judged.unheard += heard.unheard
        judged.tokens = addTokens(judged.tokens, heard.tokens)
      }
      return { ...judged, findings: candidates.map((one) => verified.get(one) ?? one) }
    },
  }
}

function needsVerdict({ placement, reviewer }: PlacedFinding): boolean {
  return placement.kind !== 'held-back' && !reviewer.startsWith('checks:')
}

function allowanceOf(files: readonly ShownFile[]): number {
  const diff = files.reduce((sum, file) => sum + tokensOf(file), 0)
  return Math.max(allowed.timesDiff * diff, files.length <= allowed.smallFiles ? allowed.atLeast : 0)
}

interface Court {
  line: Line
  material: Material
  files: readonly ShownFile[]
  library?: Library
}

interface Batch {
  candidates: PlacedFinding[]
  files: ShownFile[]
}

/** Findings of one file stay together; files share a call while there is room. */
function batchesOf(candidates: readonly PlacedFinding[], files: readonly ShownFile[]): Batch[] {
  const batches: Batch[] = []
  let free = 0
  for (const [path, all] of Map.groupBy(candidates, (one) => one.path)) {
    for (let from = 0; from < all.length; from += maxCandidates) {
      const own = all.slice(from, from + maxCandidates)
      const file = files.find((one) => one.path === path)
      const shown = file ? [concerned(file, own)] : []
      const tokens = shown.reduce((sum, one) => sum + tokensOf(one), 0)
      const last = batches.at(-1)
      const fits = last && tokens <= free && last.candidates.length + own.length <= maxCandidates
      if (fits) {
        last.candidates.push(...own)
        last.files.push(...shown)
      } else batches.push({ candidates: own, files: shown })
      free = (fits ? free : maxFileTokens) - tokens
    }
  }
  return batches
}

/** Of a large file, the hunks that the findings are about. */
function concerned(file: ShownFile, candidates: readonly PlacedFinding[]): ShownFile {
  if (tokensOf(file) <= maxFileTokens / 2) return file
  const isNamed = (hunk: string): boolean =>
    linesShown({ path: file.path, hunks: [hunk] }).some(({ first, last }) =>
      candidates.some(({ line, startLine = line }) => startLine <= last && first <= line),
    )
  const hunks = file.hunks.filter(isNamed)
  return {
    ...file,
    header: `${file.header} (only the hunks in question)`,
    hunks: hunks.length > 0 ? hunks : file.hunks.slice(0, 1),
  }
}

interface Hearing extends Batch {
  /** For the journal's keys. */
  name: string
  /** Estimated tokens of all requests. */
  allowance: number
}

async function hear(court: Court, hearing: Hearing, signal: AbortSignal): Promise<Verified> {
  const { candidates } = hearing
  const { opened, topic } = await prepare(court, hearing, signal)
  try {
    const { answer, tokens } = await converse(court.line, topic, signal)
    const verdicts = new Map(answer.verdicts.map((one) => [one.finding, one]))
    const findings = candidates.map((one, index) => judge(one, verdicts.get(index + 1), opened))
    return { findings, unheard: candidates.filter((_, index) => !verdicts.has(index + 1)).length, tokens }
  } catch (error) {
    if (!(error instanceof UselessAnswerError)) throw error
    const findings = candidates.map((one) => judge(one, undefined, opened))
    return { findings, unheard: candidates.length, tokens: error.tokens }
  }
}

async function prepare(
  { library, line, material }: Court,
  { allowance, candidates, files, name }: Hearing,
  signal: AbortSignal,
): Promise<{ opened: Opened; topic: Topic<Verdicts> }> {
  const { headSha } = material.change.state
  const readFiles = async () => ({
    output: library ? await readAround(files, { library, maxTokens: aroundTokens }, signal) : nothingAround,
  })
  const paths = files.map(({ path }) => path)
  const around = library ? await line.journal.step(`around:verify:${headSha}:${name}`, paths, readFiles) : nothingAround
  const opened = createOpened([...files.flatMap(linesShown), ...around.opened])
  const topic = {
    key: `model:verify:${headSha}:${name}`,
    messages: buildVerifyPrompt(material.change, { files, around: around.texts, candidates }),
    form: verdictForm(),
    read: readVerdicts,
    maxOutputTokens,
  }
  if (!library) return { opened, topic }
  const box = createToolbox({ library, journal: line.journal, headSha })
  return { opened, topic: { ...topic, tools: { box, opened, maxRounds, allowance } } }
}

function judge(finding: PlacedFinding, verdict: Verdict | undefined, opened: Opened): PlacedFinding {
  const verification = verificationOf(verdict, opened)
  const severity = lower(finding.severity, verdict?.severity ?? finding.severity)
  if (verification.verdict === 'confirmed') return { ...finding, severity, verification }
  const reason = wording.heldBack[verification.verdict]
  return { ...finding, verification, placement: { kind: 'held-back', reason } }
}

function verificationOf(verdict: Verdict | undefined, opened: Opened): Verification {
  const { noVerdict, unopened, withoutEvidence } = wording.heldBack
  if (!verdict) return { verdict: 'none', reason: noVerdict, evidence: [] }
  const { evidence, reason } = verdict
  if (verdict.verdict === 'refuted') return { verdict: 'refuted', reason, evidence }
  if (verdict.verdict === 'unsure') return { verdict: 'none', reason, evidence }
  if (evidence.length === 0) return { verdict: 'none', reason: withoutEvidence, evidence }
  const unread = evidence.find((lines) => !opened.touches(lines))
  if (unread) return { verdict: 'none', reason: unopened(unread.path, unread.first), evidence }
  return { verdict: 'confirmed', reason, evidence }
}

function lower(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) > severities.indexOf(b) ? a : b
}

// The verifier: each finding is tried again by a call whose task is to refute it, with the code at hand.
//
// What must always hold: it fails closed. Only a verdict `confirmed` that cites lines which were shown in this very conversation
// (at least half of each range, and no range that is half a file) lets a finding through; refuted, unsure, missing, unreadable, or citing code that nobody opened: held back. A severity can
// only go down. What the checks found needs no verdict.
import type { Material, Verified, Verifier } from '../../jobs/ports.ts'
import {
  type Evidence,
  type PlacedFinding,
  severities,
  type Severity,
  type Verification,
} from '../../review/finding.ts'
import type { Change } from '../../review/pull-request.ts'
import { wording } from '../../review/wording.ts'
import { tokensOf } from '../budget.ts'
import { type Around, nothingAround, readAround } from '../context.ts'
import { converse, type Line, RefusedError, sizeOf, type Tools, UselessAnswerError } from '../converse.ts'
import { ContextTooLongError } from '../model.ts'
import { type ShownFile, showFile } from '../shown-file.ts'
import { createOpened, linesShown, maxCited, type Opened } from '../tools/opened.ts'
import type { Library } from '../tools/tool.ts'
import { createToolbox } from '../tools/toolbox.ts'
import { type Batch, batchesOf, lessOf } from './batches.ts'
import { buildVerifyPrompt } from './verify-prompt.ts'
import { readVerdicts, strictest, type Verdict, verdictForm } from './verdicts.ts'

export interface VerifierOptions extends Line {
  openLibrary?: (change: Change, signal: AbortSignal) => Promise<Omit<Library, 'files'> | undefined>
}

const aroundTokens = 3_000
const maxRounds = 6
/** For an answer, thoughts included; the second is for a model that takes less. */
const outputTokens = { usual: 8_000, brief: 3_000 }
/** What all requests may come to: of the diff, and at least for a small change. */
const allowed = { timesDiff: 3, atLeast: 40_000, smallFiles: 10 }

export function createVerifier(options: VerifierOptions): Verifier {
  return {
    async verify(material, candidates, signal) {
      const files = material.files.map(showFile).flatMap((file) => ('reason' in file ? [] : [file]))
      const batches = batchesOf(candidates.filter(needsVerdict), files)
      const opened = batches.length > 0 ? await options.openLibrary?.(material.change, signal) : undefined
      const library = opened && { ...opened, files }
      const court: Court = {
        line: options,
        material,
        maxOutputTokens: outputTokens.usual,
        ...(library ? { library } : {}),
      }
      const allowance = allowanceOf(files) / batches.length
      const heard: Verified[] = []
      for (const [index, batch] of batches.entries())
        heard.push(await hear(court, { ...batch, name: String(index + 1), allowance }, signal))
      const judged = joinedOf(heard)
      const tried = batches.flatMap((batch) => batch.candidates)
      const after = new Map(tried.map((one, index) => [one, judged.findings[index]]))
      return { ...judged, findings: candidates.map((one) => after.get(one) ?? one) }
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
  maxOutputTokens: number
  library?: Library
}

interface Hearing extends Batch {
  /** For the journal's keys. */
  name: string
  /** Estimated tokens of all requests. */
  allowance: number
}

/** The findings of a batch in their order, each with what came of it. */
async function hear(court: Court, hearing: Hearing, signal: AbortSignal): Promise<Verified> {
  try {
    return await hearAtOnce(court, hearing, signal)
  } catch (error) {
    if (error instanceof UselessAnswerError || error instanceof RefusedError) return unheard(hearing)
    if (error instanceof ContextTooLongError) return hearWithLess(court, hearing, signal)
    throw error
  }
}

/** First everything but the diff goes and the room for the answer shrinks; then there are fewer claims, and less of the diff. */
async function hearWithLess({ library, ...bare }: Court, hearing: Hearing, signal: AbortSignal): Promise<Verified> {
  const { brief } = outputTokens
  if (library || bare.maxOutputTokens > brief) return hear({ ...bare, maxOutputTokens: brief }, hearing, signal)
  const heard: Verified[] = []
  for (const [index, less] of lessOf(hearing).entries())
    heard.push(await hear(bare, { ...hearing, ...less, name: `${hearing.name}.${index + 1}` }, signal))
  return heard.length > 0 ? joinedOf(heard) : unheard(hearing)
}

function unheard({ candidates }: Batch): Verified {
  const nothing = createOpened()
  return { findings: candidates.map((one) => judge(one, undefined, nothing)), unheard: candidates.length }
}

function joinedOf(heard: readonly Verified[]): Verified {
  return {
    findings: heard.flatMap((one) => one.findings),
    unheard: heard.reduce((sum, one) => sum + one.unheard, 0),
  }
}

async function hearAtOnce(court: Court, hearing: Hearing, signal: AbortSignal): Promise<Verified> {
  const { candidates, files, name } = hearing
  const { line, material, maxOutputTokens } = court
  const around = await aroundOf(court, hearing, signal)
  const opened = createOpened([...files.flatMap(linesShown), ...around.opened])
  const topic = {
    key: `model:verify:${material.change.state.headSha}:${name}`,
    messages: buildVerifyPrompt(material.change, { ...hearing, around: around.texts }),
    form: verdictForm(),
    read: readVerdicts,
    maxOutputTokens,
  }
  const tools = toolsOf(court, hearing, opened)
  const answer = await converse(line, tools ? { ...topic, tools } : topic, signal)
  const verdicts = strictest(answer.verdicts)
  const findings = candidates.map((one, index) => judge(one, verdicts.get(index + 1), opened))
  return { findings, unheard: candidates.filter((_, index) => !verdicts.has(index + 1)).length }
}

/** A step, as in `examine.ts`. */
async function aroundOf({ library, line, material }: Court, hearing: Hearing, signal: AbortSignal): Promise<Around> {
  if (!library) return nothingAround
  const { allowance, files, name } = hearing
  const { change } = material
  const room = allowance - sizeOf(buildVerifyPrompt(change, { ...hearing, around: [] }))
  const input = { paths: files.map(({ path }) => path), maxTokens: Math.floor(Math.min(aroundTokens, room)) }
  return line.journal.step(`around:verify:${change.state.headSha}:${name}`, input, async () => ({
    output: await readAround(files, { library, maxTokens: input.maxTokens }, signal),
  }))
}

function toolsOf({ library, line, material }: Court, { allowance }: Hearing, opened: Opened): Tools | undefined {
  if (!library) return undefined
  const box = createToolbox({ library, journal: line.journal, headSha: material.change.state.headSha })
  return { box, opened, maxRounds, allowance }
}

function judge(finding: PlacedFinding, verdict: Verdict | undefined, opened: Opened): PlacedFinding {
  const verification = verificationOf(verdict, opened)
  const severity = lower(finding.severity, verdict?.severity ?? finding.severity)
  if (verification.verdict === 'confirmed') return { ...finding, severity, verification }
  const reason = wording.heldBack[verification.verdict]
  return { ...finding, verification, placement: { kind: 'held-back', reason } }
}

function verificationOf(verdict: Verdict | undefined, opened: Opened): Verification {
  const { noVerdict, withoutEvidence } = wording.heldBack
  if (!verdict) return { verdict: 'none', reason: noVerdict, evidence: [] }
  const { evidence, reason } = verdict
  if (verdict.verdict === 'refuted') return { verdict: 'refuted', reason, evidence }
  if (verdict.verdict === 'unsure') return { verdict: 'none', reason, evidence }
  if (evidence.length === 0) return { verdict: 'none', reason: withoutEvidence, evidence }
  const unread = evidence.find((lines) => !opened.covers(lines))
  if (unread) return { verdict: 'none', reason: reasonAgainst(unread), evidence }
  return { verdict: 'confirmed', reason, evidence }
}

function reasonAgainst({ first, last, path }: Evidence): string {
  const lines = last - first + 1
  return lines > maxCited ? wording.heldBack.tooLong(path, lines) : wording.heldBack.unopened(path, first)
}

function lower(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) > severities.indexOf(b) ? a : b
}

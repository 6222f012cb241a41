// What the check run says in each state of a review. Never green when nothing was read, or not everything.
import { listLeftOut } from './markdown/left-out-list.ts'
import { harmless } from './markdown/harmless.ts'
import { stripHidden } from './markdown/hidden.ts'
import { firstSentences, maxSummarySentences } from './markdown/sentences.ts'
import { type Coverage, type FileLeftOut, type Status, unreachable } from './outcome.ts'
import { countFiles } from './verdict.ts'
import { wording } from './wording.ts'

/** What the row knows. */
export interface CheckRunFacts {
  status: Status
  /** Why it waits, was skipped, superseded or cancelled, or what failed. */
  reason: string | undefined
  coverage: Coverage | undefined
  findings: number
  filesRead: number
  leftOut: readonly FileLeftOut[]
  summary: string
}

/** GitHub's names. https://docs.github.com/en/rest/checks/runs#create-a-check-run */
export interface CheckRunText {
  state: 'queued' | 'in_progress' | 'completed'
  conclusion?: 'success' | 'neutral' | 'skipped' | 'cancelled'
  /** Plain text of at most 255 UTF-16 units. */
  title: string
  /** Markdown of less than 65,535 UTF-16 units. */
  summary: string
}

const maxTitleLength = 255
const maxReasonLength = 3_000

export function checkRunText(facts: CheckRunFacts): CheckRunText {
  const { text, ...shown } = shownAs(facts)
  return { ...shown, title: titleOf(text), summary: summaryOf(facts) || titleOf(text) }
}

interface Shown extends Pick<CheckRunText, 'state' | 'conclusion'> {
  text: string
}

function shownAs(facts: CheckRunFacts): Shown {
  const { check } = wording
  const reason = facts.reason ?? check.noReason
  switch (facts.status) {
    case 'queued':
      return { state: 'queued', text: facts.reason === undefined ? check.waiting : check.waitingFor(reason) }
    case 'running':
      return { state: 'in_progress', text: check.running }
    case 'retrying':
      return { state: 'in_progress', text: check.retrying }
    case 'published':
      return { state: 'completed', ...publishedAs(facts) }
    case 'skipped':
      return { state: 'completed', conclusion: 'skipped', text: check.skipped(reason) }
    case 'superseded':
      return { state: 'completed', conclusion: 'cancelled', text: check.superseded(reason) }
    case 'cancelled':
      return { state: 'completed', conclusion: 'cancelled', text: check.cancelled(reason) }
    case 'failed':
      return { state: 'completed', conclusion: 'neutral', text: check.failed }
    default:
      return unreachable(facts.status)
  }
}

function publishedAs({ coverage, filesRead, findings, leftOut }: CheckRunFacts): Omit<Shown, 'state'> {
  const { check } = wording
  // A published row without a coverage was never examined: nothing is known to have been read.
  if (coverage === undefined || coverage === 'none' || filesRead === 0)
    return { conclusion: 'neutral', text: check.nothingRead }
  if (leftOut.some(({ path }) => path === wording.files.reviewers))
    return { conclusion: 'neutral', text: check.checksOnly(findings) }
  if (coverage === 'partial')
    return { conclusion: 'neutral', text: check.partly(findings, countFiles(leftOut, 'unread')) }
  return { conclusion: 'success', text: findings === 0 ? check.clean : check.comments(findings) }
}

function titleOf(text: string): string {
  const title = stripHidden(text).replace(/\s+/g, ' ').trim().replace(/\.$/, '')
  return title.length <= maxTitleLength ? title : `${stripHidden(title.slice(0, maxTitleLength - 1))}…`
}

function summaryOf({ filesRead, leftOut, reason, status, summary }: CheckRunFacts): string {
  const told = harmless(reason ?? '', maxReasonLength)
  if (status !== 'published') return told
  const files = [listLeftOut(leftOut, 'unread'), listLeftOut(leftOut, 'noise')]
  const read = wording.check.filesRead(filesRead)
  return [harmless(firstSentences(summary, maxSummarySentences), maxReasonLength), told, read, ...files]
    .filter(Boolean)
    .join('\n\n')
}

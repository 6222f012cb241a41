// The story of a review, from the claim to its outcome. Start reading here.
import { composePublication, hasSomethingToSay } from '../review/compose.ts'
import { chooseFiles } from '../review/filter.ts'
import type { Outcome } from '../review/outcome.ts'
import type { Publication } from '../review/publication.ts'
import { wording } from '../review/wording.ts'
import { endedEarly } from './ended-early.ts'
import { findProblems, type ProblemDeps } from './problems/find-problems.ts'
import { movedMeanwhile } from './moved-meanwhile.ts'
import type { ChangeReader, Checker, ClaimedReview, EndingStore } from './ports.ts'
import { recordOf } from './record-of.ts'

export interface ReviewDeps extends ProblemDeps {
  reader: ChangeReader
  checker: Checker
  endings: Pick<EndingStore, 'recordExamination'>
  publish: (publication: Publication) => Promise<Outcome>
}

/**
 * Runs one claimed review to its outcome. What is slow or paid is memoised in the journal, so a second run pays only for
 * what the first had not finished. Throws what failed; `LostLeaseError` when the row went to somebody else.
 */
export async function runReview(review: ClaimedReview, deps: ReviewDeps, signal: AbortSignal): Promise<Outcome> {
  const { owner, ref } = review
  const state = await deps.reader.readState(ref, signal)
  const over = endedEarly(ref, state)
  if (over) return over
  // The record is about these bytes, and they may be on GitHub: nothing is examined anew.
  if (review.frozen) return deps.publish(review.frozen)

  const change = await deps.reader.readChange(ref, state, signal)
  if (!change) return movedMeanwhile(ref, deps.reader, signal)

  const { read, leftOut } = chooseFiles(change.files, state.changedFiles)
  const nothingToRead = read.length === 0 && leftOut.every(({ kind }) => kind === 'noise')
  if (nothingToRead) return { kind: 'skipped', reason: wording.reason.nothingToRead(change.files.length) }

  const checked = await deps.checker.check(change, read, signal)
  const { examined, findings } = await findProblems({ change, files: read, found: checked.findings }, deps, signal)
  const record = recordOf(examined, findings, [...leftOut, ...checked.leftOut])
  const effort = await deps.endings.recordExamination(owner, record)

  if (hasSomethingToSay(record.findings))
    return deps.publish(composePublication({ reviewId: owner.reviewId, ref, ...record, ...effort }))
  return endedEarly(ref, await deps.reader.readState(ref, signal)) ?? { kind: 'published', delivery: 'check-only' }
}

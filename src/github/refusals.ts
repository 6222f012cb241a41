// How a write went: done, refused (and why), or unknown. Refusals are classified by status and by the messages that
// GitHub sends; a message that is not known here is `invalid` and costs one review, never a second posting.
import type { Refusal, WriteResult } from '../jobs/ports.ts'
import { ParkedError } from '../review/errors.ts'
import {
  type Answer,
  answerOf,
  closedDoor,
  describeAnswer,
  describeFailure,
  goneReason,
  limitedForMs,
} from './answer.ts'

export interface Writing {
  /** For messages: "creating a review on owner/repo#1". */
  what: string
  /** What the URL ends in. Decides what 404 and 422 mean. */
  target: 'pull-request' | 'draft' | 'check-run'
  signal: AbortSignal
}

/**
 * Runs a write once. Throws the abort reason only when nothing was sent yet; afterwards an abort, a time-out, a lost
 * connection, a 5xx and an answer that cannot be read are all `unknown`: the write may have happened. Over our own pace
 * it is refused as if GitHub had asked to wait.
 */
export async function write<T>(writing: Writing, send: () => Promise<T>): Promise<WriteResult<T>> {
  writing.signal.throwIfAborted()
  try {
    return { kind: 'done', value: await send() }
  } catch (error) {
    if (error instanceof ParkedError) return { kind: 'refused', refusal: { kind: 'limited', delayMs: error.delayMs } }
    const answer = answerOf(error)
    if (!answer || answer.status < 400 || answer.status >= 500)
      return { kind: 'unknown', cause: describeFailure(writing.what, error) }
    return { kind: 'refused', refusal: refusalOf(answer, writing) }
  }
}

function refusalOf(answer: Answer, writing: Writing): Refusal {
  const delayMs = limitedForMs(answer)
  if (delayMs !== undefined) return { kind: 'limited', delayMs }
  const reason = closedDoor(answer)
  if (reason !== undefined) return { kind: 'closed-door', reason }
  if (answer.status === 401) return { kind: 'closed-door', reason: "GitHub does not accept the App's credentials." }
  if (writing.target === 'draft' && (answer.status === 404 || answer.status === 422)) return { kind: 'draft-gone' }
  if (answer.status === 404) return { kind: 'closed-door', reason: goneReason }
  if (answer.status === 422 && writing.target === 'pull-request') return refusedReview(answer, writing.what)
  return { kind: 'invalid', reason: describeAnswer(writing.what, answer) }
}

/**
 * The order matters: a commit that is gone is reported together with complaints about the lines.
 * Messages as GitHub sends them, for example in https://github.com/google-github-actions/run-gemini-cli/issues/352 (commit),
 * https://github.com/parkerbxyz/suggest-changes/issues/28 (lines), https://github.com/github/app/issues/3371 (draft).
 */
function refusedReview(answer: Answer, what: string): Refusal {
  if (/one pending review per pull request/i.test(answer.text)) return { kind: 'draft-exists' }
  if (/is not part of the pull request|no commit found/i.test(answer.text)) return { kind: 'commit-gone' }
  if (
    /review.thread|(?:line|path|position) could not be resolved|start.line|part of the diff|diff.hunk/i.test(
      answer.text,
    )
  )
    return { kind: 'line' }
  return { kind: 'invalid', reason: describeAnswer(what, answer) }
}

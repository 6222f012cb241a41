// The check run outbox: brings GitHub's check runs to what the rows say. A row carries a flag and a version; the flag is
// taken down only if the version is still the one that was shown.
import type { Clock } from '../../queue/clock.ts'
import { checkRunText } from '../../review/check-run-text.ts'
import { unreachable } from '../../review/outcome.ts'
import type { Refusal } from '../ports.ts'
import type { CheckRunBoard, CheckRunStore, CheckRunView, DueCheckRun } from './check-run-ports.ts'

export interface ShowCheckRunsDeps {
  store: CheckRunStore
  board: CheckRunBoard
  /** Where people find the dashboard; check runs link to the review's page. */
  publicUrl: string | undefined
  clock: Pick<Clock, 'monotonicMs'>
  /** Of a review: half of a row's lease in the outbox. */
  leaseMs: number
}

/** Check runs are told late rather than never. */
const retryAfterMs = 30_000

/**
 * A turn of the outbox: one batch, and nothing of it is begun past half of its lease. Past the whole of it somebody else may show a newer
 * state, and an older one shown after that stays for good when its worker is killed before it says so. What is not shown is due again
 * once the lease is over.
 */
export async function showCheckRuns(deps: ShowCheckRunsDeps, signal: AbortSignal): Promise<void> {
  const takenAtMs = deps.clock.monotonicMs()
  for (const due of await deps.store.takeDue(20)) {
    if (signal.aborted || deps.clock.monotonicMs() - takenAtMs >= deps.leaseMs) return
    await showOne(due, deps, signal)
  }
}

async function showOne(due: DueCheckRun, deps: ShowCheckRunsDeps, signal: AbortSignal): Promise<void> {
  const shown = await deps.board.show(viewOf(due, deps.publicUrl), signal)
  switch (shown.kind) {
    case 'done':
      return deps.store.shown(due.reviewId, due.version)
    case 'unknown':
      return deps.store.postponed(due.reviewId, retryAfterMs, String(shown.cause))
    case 'refused':
      return afterRefusal(due, shown.refusal, deps.store)
    default:
      return unreachable(shown)
  }
}

async function afterRefusal(due: DueCheckRun, refusal: Refusal, store: CheckRunStore): Promise<void> {
  if (refusal.kind === 'limited') return store.postponed(due.reviewId, refusal.delayMs, 'GitHub asked to wait')
  const reason = refusal.kind === 'closed-door' || refusal.kind === 'invalid' ? refusal.reason : refusal.kind
  return store.gaveUp(due.reviewId, due.version, reason)
}

function viewOf(due: DueCheckRun, publicUrl: string | undefined): CheckRunView {
  const detailsUrl = publicUrl === undefined ? {} : { detailsUrl: `${publicUrl}/reviews/${due.reviewId}` }
  const { overtaken, ref, reviewId } = due
  return { reviewId, ref, overtaken, ...checkRunText(due), ...detailsUrl }
}

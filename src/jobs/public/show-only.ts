// A review of a pull request where the App is not installed: it ends on the dashboard, and nothing is sent to GitHub.
import type { Outcome } from '../../review/outcome.ts'
import type { ChangeReader, ClaimedReview } from '../ports.ts'
import { type ReviewDeps, runReview } from '../run-review.ts'

const shown: Outcome = { kind: 'published', delivery: 'shown' }

/** The same story with an ending of its own. */
export async function showOnly(
  review: ClaimedReview,
  deps: Omit<ReviewDeps, 'publish'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const reader = withoutDoors(deps.reader)
  const outcome = await runReview(review, { ...deps, reader, publish: async () => shown }, signal)
  return outcome.kind === 'published' ? shown : outcome
}

/** Nobody on the pull request is disturbed, so a closed or locked one is looked at like any other. */
function withoutDoors(reader: ChangeReader): ChangeReader {
  return {
    ...reader,
    readState: async (ref, signal) => ({ ...(await reader.readState(ref, signal)), open: true, locked: false }),
  }
}

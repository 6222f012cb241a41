// How a review is posted where nobody has thought about it for long. Not used by Plumbline: it shows that the campaigns see
// a review that is posted twice. Claims, epochs, leases and retries are Plumbline's own, so only the posting differs.
//
// `post-at-once`: one request, with its event. `marker-look-up`: is there a review with our marker? If not, is the lease
// still ours? Then one request.
import { loadEnvironment, readConfig } from '../../../src/config.ts'
import { createGitHub } from '../../../src/github/client.ts'
import type { Posting } from '../../../src/jobs/publish.ts'
import { createLog } from '../../../src/log.ts'
import { parseMarker } from '../../../src/review/marker.ts'
import type { Outcome } from '../../../src/review/outcome.ts'
import type { Publication } from '../../../src/review/publication.ts'

const config = readConfig(loadEnvironment(), 'worker')
const looksForMarker = process.env['WITNESS'] === 'marker-look-up'
const github = createGitHub({
  appId: config.app?.id ?? 0,
  privateKey: config.app?.privateKey ?? '',
  apiUrl: config.githubApiUrl,
  log: createLog({ level: 'info', secrets: [] }),
})

export async function publishOnce(posting: Posting, publication: Publication): Promise<Outcome> {
  const { board, review, signal, store } = posting
  const { headSha, installationId, number, owner, repo } = review.ref
  if (looksForMarker) {
    const ours = await board.listOurs(review.ref, signal)
    const posted = ours.find((one) => one.state === 'submitted' && parseMarker(one.body)?.headSha === headSha)
    if (posted) return published(posted.id)
    await store.assertOwner(review.owner)
  }
  const octokit = await github.installation(installationId)
  const { body, comments } = publication
  const content = { commit_id: publication.commitSha, body, comments, event: 'COMMENT' as const }
  const reply = await octokit.rest.pulls.createReview({ owner, repo, pull_number: number, ...content })
  return published(reply.data.id)
}

function published(githubReviewId: number): Outcome {
  return { kind: 'published', delivery: 'review', githubReviewId }
}

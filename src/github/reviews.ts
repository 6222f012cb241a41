// GitHub's reviews of a pull request. Which steps follow each other, and why, stands in `src/jobs/publish.ts`.
// https://docs.github.com/en/rest/pulls/reviews
import { z } from 'zod'
import type { PostedReview, ReviewBoard } from '../jobs/ports.ts'
import { pullRequestName } from '../review/pull-request.ts'
import { read } from './answer.ts'
import type { GitHub } from './client.ts'
import { id } from './fields.ts'
import { perPage, readPages } from './pages.ts'
import { pullParameters } from './read-change.ts'
import { write } from './refusals.ts'

const review = z.object({
  id,
  // `null` when the account was deleted.
  user: z.object({ id }).nullable(),
  body: z.string().nullish(),
  state: z.string(),
})

const created = z.object({ id })

export function createReviewBoard(github: GitHub): ReviewBoard {
  return {
    listOurs: (ref, signal) =>
      read({ what: `listing the reviews of ${pullRequestName(ref)}`, signal }, async () => {
        const octokit = await github.installation(ref.installationId)
        const ourId = await github.botUserId(ref.installationId)
        const parameters = { ...pullParameters(ref), per_page: perPage, request: { signal } }
        const reviews = await readPages(review, (page) => octokit.rest.pulls.listReviews({ ...parameters, page }))
        return reviews.filter((one) => one.user?.id === ourId).map(toPosted)
      }),

    createDraft: (ref, publication, signal) =>
      write({ what: `creating a review on ${pullRequestName(ref)}`, target: 'pull-request', signal }, async () => {
        const octokit = await github.installation(ref.installationId)
        const { body, comments, commitSha } = publication
        // No `event`: the review is pending.
        const content = { commit_id: commitSha, body, comments }
        const reply = await octokit.rest.pulls.createReview({ ...pullParameters(ref), ...content, request: { signal } })
        return created.parse(reply.data)
      }),

    submitDraft: (ref, draftId, signal) =>
      write({ what: `submitting a review on ${pullRequestName(ref)}`, target: 'draft', signal }, async () => {
        const octokit = await github.installation(ref.installationId)
        const target = { ...pullParameters(ref), review_id: draftId, request: { signal } }
        return created.parse((await octokit.rest.pulls.submitReview({ ...target, event: 'COMMENT' })).data)
      }),

    deleteDraft: (ref, draftId, signal) =>
      write({ what: `deleting a draft on ${pullRequestName(ref)}`, target: 'draft', signal }, async () => {
        const octokit = await github.installation(ref.installationId)
        const target = { ...pullParameters(ref), review_id: draftId, request: { signal } }
        await octokit.rest.pulls.deletePendingReview(target)
        return undefined
      }),
  }
}

function toPosted(one: z.infer<typeof review>): PostedReview {
  return { id: one.id, state: one.state === 'PENDING' ? 'pending' : 'submitted', body: one.body ?? '' }
}

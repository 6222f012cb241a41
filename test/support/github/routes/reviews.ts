// https://docs.github.com/en/rest/pulls/reviews
import { commentJson, reviewJson } from '../pull-json.ts'
import type { PullRequest } from '../world/pull-request.ts'
import { Refused, type Reply, notFound, pageOf, unprocessable } from '../reply.ts'
import type { Review, ReviewComment, ReviewEvent } from '../world/review-book.ts'
import { type CommentRequest, type ReviewRequest, problemsOfEvent, problemsOfReview } from '../review-rules.ts'
import { type Call, type Route, pullRequestOf } from '../route.ts'
import type { User } from '../world/user.ts'

const path = '/repos/{owner}/{repo}/pulls/{pull_number}/reviews'

export const reviewRoutes: Route[] = [
  { method: 'GET', template: path, needs: 'pull_requests:read', answer: list },
  { method: 'POST', template: path, needs: 'pull_requests:write', answer: create },
  { method: 'GET', template: `${path}/{review_id}`, needs: 'pull_requests:read', answer: get },
  { method: 'DELETE', template: `${path}/{review_id}`, needs: 'pull_requests:write', answer: removePending },
  { method: 'POST', template: `${path}/{review_id}/events`, needs: 'pull_requests:write', answer: submit },
  { method: 'GET', template: `${path}/{review_id}/comments`, needs: 'pull_requests:read', answer: listComments },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/pulls/{pull_number}/comments',
    needs: 'pull_requests:read',
    answer: listAllComments,
  },
]

function userOf(call: Call): User | undefined {
  return 'user' in call.viewer ? call.viewer.user : undefined
}

/** Writing needs a user, so there is one. */
function authorOf(call: Call): User {
  const user = userOf(call)
  if (!user) throw new Refused(401, 'Requires authentication')
  return user
}

/** A pending review is shown to its author only. */
function isVisible(review: Review, user: User | undefined): boolean {
  return review.submitted !== undefined || review.author.id === user?.id
}

function list(call: Call): Reply {
  const pull = pullRequestOf(call)
  const shown = pull.reviews.asOf(call.readLagMs).filter((one) => isVisible(one, userOf(call)))
  const { headers, items } = pageOf(shown, call.url)
  return { status: 200, body: items.map((one) => reviewJson(one, pull, call.url.origin)), headers }
}

async function create(call: Call): Promise<Reply> {
  const pull = pullRequestOf(call)
  const author = authorOf(call)
  // Compared with GitHub's description when it came in; a missing body is an empty request.
  const request = (call.body ?? {}) as ReviewRequest
  const problems = await problemsOfReview(pull, author, request)
  if (problems.length > 0) throw unprocessable(...problems)
  // Asked again: another request may have come first while git was at work.
  if (pull.reviews.pendingOf(author)) throw unprocessable('User can only have one pending review per pull request')
  const review: Review = {
    id: call.world.nextId(),
    author,
    body: request.body ?? '',
    commitSha: request.commit_id ?? pull.headSha,
    comments: (request.comments ?? []).map((one) => toComment(one, call.world.nextId())),
    ...(request.event === undefined ? {} : { submitted: { event: request.event, at: new Date() } }),
  }
  pull.reviews.add(review)
  return { status: 200, body: reviewJson(review, pull, call.url.origin) }
}

function toComment(request: CommentRequest, id: number): ReviewComment {
  const { body, line = 0, path: file, side = 'RIGHT', start_line: startLine, start_side: startSide = side } = request
  return { id, path: file, line, side, body, ...(startLine === undefined ? {} : { startLine, startSide }) }
}

/** 404 for a review that is not there, and for somebody else's draft. */
function reviewOf(call: Call, pull: PullRequest): Review {
  const id = Number(call.parameters['review_id'])
  const review = pull.reviews.now.find((one) => one.id === id)
  if (!review || !isVisible(review, userOf(call))) throw notFound()
  return review
}

function get(call: Call): Reply {
  const pull = pullRequestOf(call)
  return { status: 200, body: reviewJson(reviewOf(call, pull), pull, call.url.origin) }
}

function removePending(call: Call): Reply {
  const pull = pullRequestOf(call)
  const review = reviewOf(call, pull)
  if (review.submitted) throw unprocessable('Can not delete a non-pending pull request review')
  pull.reviews.remove(review.id)
  return { status: 200, body: reviewJson(review, pull, call.url.origin) }
}

function submit(call: Call): Reply {
  const pull = pullRequestOf(call)
  const review = reviewOf(call, pull)
  // Compared with GitHub's description when it came in.
  const request = call.body as { event: ReviewEvent; body?: string }
  if (pull.fields.locked) throw unprocessable('lock prevents review')
  if (review.submitted) throw unprocessable('Can not submit a review that is already submitted')
  const body = request.body ?? review.body
  const problems = problemsOfEvent(pull, review.author, { event: request.event, body, comments: review.comments })
  if (problems.length > 0) throw unprocessable(...problems)
  const submitted = { ...review, body, submitted: { event: request.event, at: new Date() } }
  pull.reviews.replace(submitted)
  return { status: 200, body: reviewJson(submitted, pull, call.url.origin) }
}

function listComments(call: Call): Reply {
  const pull = pullRequestOf(call)
  const review = reviewOf(call, pull)
  const { headers, items } = pageOf(review.comments, call.url)
  return { status: 200, body: items.map((one) => commentJson(one, { review, pull }, call.url.origin)), headers }
}

/** Of all submitted reviews: GitHub shows a draft's comments to nobody here. */
function listAllComments(call: Call): Reply {
  const pull = pullRequestOf(call)
  const submitted = pull.reviews.asOf(call.readLagMs).filter((review) => review.submitted)
  const all = submitted.flatMap((review) => review.comments.map((comment) => ({ review, comment })))
  const { headers, items } = pageOf(all, call.url)
  const body = items.map(({ comment, review }) => commentJson(comment, { review, pull }, call.url.origin))
  return { status: 200, body, headers }
}

// When GitHub refuses a review, and in which words. One bad comment refuses the whole review, and nothing says which.
// https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
import { commentableLines } from './world/patch.ts'
import type { PullRequest } from './world/pull-request.ts'
import type { ReviewEvent } from './world/review-book.ts'
import type { User } from './world/user.ts'

/** As in the request. */
export interface CommentRequest {
  path: string
  body: string
  position?: number
  line?: number
  side?: 'LEFT' | 'RIGHT'
  start_line?: number
  start_side?: 'LEFT' | 'RIGHT'
}

export interface ReviewRequest {
  commit_id?: string
  body?: string
  event?: ReviewEvent
  comments?: CommentRequest[]
}

/** GitHub's limit for every text of its conversations, in characters. */
const maxBodyLength = 65_536

const noHunk = "Pull request review thread diff hunk can't be blank"
const noLine = `Pull request review thread line must be part of the diff and ${noHunk}`
const noStart = `Pull request review thread start line must be part of the same hunk as the line. and ${noHunk}`

/** Without the places of the comments. Empty: nothing is wrong. */
export async function problemsOfReview(pull: PullRequest, author: User, request: ReviewRequest): Promise<string[]> {
  const { body = '', comments = [] } = request
  if (pull.fields.locked) return ['lock prevents review']
  if (pull.reviews.pendingOf(author)) return ['User can only have one pending review per pull request']
  if ([body, ...comments.map((one) => one.body)].some((text) => text.length > maxBodyLength))
    return [`Body is too long (maximum is ${maxBodyLength} characters)`]
  if (comments.some((one) => one.body.trim() === '')) return ["Body can't be blank"]
  const problems = problemsOfEvent(pull, author, request)
  return problems.length > 0 ? problems : problemsOfPlaces(pull, request)
}

/** Also for a draft that is submitted: `comments` are then the draft's. */
export function problemsOfEvent(
  pull: PullRequest,
  author: User,
  request: { event?: ReviewEvent; body?: string; comments?: readonly unknown[] },
): string[] {
  const { body = '', comments = [], event } = request
  const own = pull.author?.id === author.id
  if (own && event === 'APPROVE') return ['Can not approve your own pull request']
  if (own && event === 'REQUEST_CHANGES') return ['Can not request changes on your own pull request']
  const empty = body.trim() === '' && (event === 'REQUEST_CHANGES' || comments.length === 0)
  return event !== undefined && event !== 'APPROVE' && empty ? ["Body can't be blank"] : []
}

async function problemsOfPlaces(pull: PullRequest, request: ReviewRequest): Promise<string[]> {
  const sha = request.commit_id ?? pull.headSha
  if (!pull.commits().some((one) => one.sha === sha)) return [noHunk, 'The commitOID is not part of the pull request']
  const files = await pull.filesAt(sha)
  const patches = new Map(files.map((one) => [one.path, one.patch]))
  const problems = (request.comments ?? []).map((one) => problemOfPlace(one, patches))
  return [...new Set(problems.filter((one) => one !== undefined))]
}

function problemOfPlace(comment: CommentRequest, patches: Map<string, string | undefined>): string | undefined {
  if (comment.position !== undefined) throw new Error('the stand-in places comments by line, not by position')
  if (!patches.has(comment.path)) return `Pull request review thread path is invalid and ${noHunk}`
  const lines = commentableLines(patches.get(comment.path) ?? '')
  const { line, side = 'RIGHT', start_line: startLine, start_side: startSide = side } = comment
  const find = (number: number | undefined, of: 'LEFT' | 'RIGHT') =>
    lines.findIndex((one) => number !== undefined && (of === 'LEFT' ? one.left : one.right) === number)
  const end = find(line, side)
  if (end < 0) return noLine
  if (startLine === undefined) return undefined
  const start = find(startLine, startSide)
  if (start < 0 || lines[start]?.hunk !== lines[end]?.hunk) return noStart
  return start < end ? undefined : 'Pull request review thread start line must precede the end line.'
}

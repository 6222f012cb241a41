// What the stand-in remembers: reviews and check runs. It keeps GitHub's rules as far as a review of ours can meet them.
import { type FileDiff, parseFilePatch } from '../review/diff.ts'
import type { Side } from '../review/finding.ts'
import { isCommentable } from '../review/place.ts'
import type { SampleFile } from './sample.ts'

/** As in the request. https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request */
export interface DemoComment {
  path: string
  body: string
  line: number
  side: Side
  start_line?: number
}

export interface DemoReview {
  id: number
  /** The pull request's number. */
  number: number
  commitId: string
  body: string
  /** `pending`: a draft that only its author sees. */
  state: 'pending' | 'submitted'
  comments: DemoComment[]
}

/** GitHub's reason for a 422. */
export interface DemoRefusal {
  refused: string
}

export interface ReviewBook {
  /** Of one pull request, oldest first. */
  reviewsOf(number: number): DemoReview[]
  create(draft: Pick<DemoReview, 'number' | 'commitId' | 'body' | 'comments'>): DemoReview | DemoRefusal
  find(number: number, id: number): DemoReview | undefined
  submit(review: DemoReview): void
  remove(review: DemoReview): void
}

export function createReviewBook(files: readonly SampleFile[]): ReviewBook {
  const reviews: DemoReview[] = []
  const diffs = new Map(files.flatMap(({ filename, patch }) => toDiff(filename, patch)))
  const reviewsOf = (number: number): DemoReview[] => reviews.filter((one) => one.number === number)
  let lastId = 0
  return {
    reviewsOf,
    create(draft) {
      if (reviewsOf(draft.number).some((one) => one.state === 'pending'))
        return { refused: 'User can only have one pending review per pull request' }
      if (!draft.comments.every((comment) => isPlaced(comment, diffs.get(comment.path))))
        return { refused: 'Pull request review thread line must be part of the diff' }
      const review: DemoReview = { ...draft, id: ++lastId, state: 'pending' }
      reviews.push(review)
      return review
    },
    find: (number, id) => reviews.find((one) => one.number === number && one.id === id),
    submit: (review) => void Object.assign(review, { state: 'submitted' as const }),
    remove: (review) => void reviews.splice(reviews.indexOf(review), 1),
  }
}

function toDiff(filename: string, patch: string): [string, FileDiff][] {
  const diff = parseFilePatch({ path: filename, patch })
  return 'kind' in diff ? [] : [[filename, diff]]
}

function isPlaced(comment: DemoComment, diff: FileDiff | undefined): boolean {
  const { line, path, side, start_line: startLine } = comment
  return (
    diff !== undefined && isCommentable({ path, line, side, ...(startLine === undefined ? {} : { startLine }) }, diff)
  )
}

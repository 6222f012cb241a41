// The reviews of one pull request, with their past: GitHub's lists lag behind its writes.
import type { User } from './user.ts'

export interface ReviewComment {
  readonly id: number
  readonly path: string
  readonly line: number
  readonly side: 'LEFT' | 'RIGHT'
  readonly startLine?: number
  readonly startSide?: 'LEFT' | 'RIGHT'
  readonly body: string
}

export type ReviewEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT'

export interface Review {
  readonly id: number
  readonly author: User
  readonly body: string
  readonly commitSha: string
  readonly comments: readonly ReviewComment[]
  /** Missing while it is pending. */
  readonly submitted?: { event: ReviewEvent; at: Date }
}

export class ReviewBook {
  /** Every state there was, oldest first. */
  readonly #states: { since: number; reviews: readonly Review[] }[] = [{ since: -Infinity, reviews: [] }]

  /** In the order of their creation. */
  get now(): readonly Review[] {
    return this.#states.at(-1)?.reviews ?? []
  }

  asOf(agoMs: number): readonly Review[] {
    const moment = performance.now() - agoMs
    return this.#states.findLast((state) => state.since <= moment)?.reviews ?? []
  }

  pendingOf(author: User): Review | undefined {
    return this.now.find((one) => !one.submitted && one.author.id === author.id)
  }

  add(review: Review): void {
    this.#become([...this.now, review])
  }

  replace(review: Review): void {
    this.#become(this.now.map((one) => (one.id === review.id ? review : one)))
  }

  remove(id: number): void {
    this.#become(this.now.filter((one) => one.id !== id))
  }

  #become(reviews: readonly Review[]): void {
    this.#states.push({ since: performance.now(), reviews })
  }
}

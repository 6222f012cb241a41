// What we understood of a delivery. Made by `src/github/hooks.ts`, recorded by `src/store/intake.ts`.
import type { DeliveryId } from '../review/ids.ts'
import type { PullRequestRef } from '../review/pull-request.ts'

/** Who asked for a review. */
export type Trigger = 'hook' | 'command' | 'api' | 'catch-up'

export interface ReviewHook {
  kind: 'review'
  deliveryId: DeliveryId
  event: string
  action: string
  /** The head is a hint: the job reads the real one. */
  ref: PullRequestRef
  title: string
  /** The author's login. */
  author: string
  /** `pull_request.updated_at`, ISO 8601. Hooks arrive in any order; an older one than what is known adds nothing. */
  updatedAt: string
  trigger: Trigger
}

/** The pull request needs no review any more. */
export interface CloseHook {
  kind: 'close'
  deliveryId: DeliveryId
  event: string
  action: string
  repositoryId: number
  number: number
  /** `pull_request.updated_at`, ISO 8601. */
  updatedAt: string
  /** One sentence for people. */
  reason: string
}

/** A whole installation, or some repositories. */
export type AccessScope = { installationId: number } | { repositoryIds: number[] }

/** The App lost its access, for now or for good, or a repository has another name. */
export type AccessHook = { deliveryId: DeliveryId; event: string; action: string } & (
  | { kind: 'pause'; scope: AccessScope; reason: string }
  /** Nothing of it is kept. */
  | { kind: 'purge'; scope: AccessScope }
  /** A transfer leads to another installation; without one the App has no access there. */
  | { kind: 'rename'; repositoryId: number; owner: string; repo: string; installationId?: number }
)

export type Hook = ReviewHook | CloseHook | AccessHook

// Every port of the use cases but those of the sweeps, in one place. The entries hand in what implements them:
// `src/store/`, `src/github/`, `src/agent/`. Types only.
import type { Said } from '../review/choose.ts'
import type { Finding, PlacedFinding } from '../review/finding.ts'
import type { ReviewId } from '../review/ids.ts'
import type { Coverage, FileLeftOut, Outcome, Verdict } from '../review/outcome.ts'
import type { Publication } from '../review/publication.ts'
import type { Change, ChangedFile, PullRequestRef, PullRequestState } from '../review/pull-request.ts'

/** The right to write on one review's row. Made only by a claim; a higher epoch on the row ends it. */
export interface Owner {
  reviewId: ReviewId
  epoch: number
  /** The worker's name in `workers` and in the queue's group. */
  worker: string
}

/** A review that this worker may run now. */
export interface ClaimedReview {
  owner: Owner
  ref: PullRequestRef
  /** Raised by a person's Retry. */
  generation: number
  /** Recorded handler errors so far. */
  attempts: number
  /** What an owner before was about to post, or has posted. */
  frozen?: Publication
}

export interface TokenCount {
  input: number
  output: number
  /** Part of `input` that the provider served from its prefix cache. */
  cached: number
}

export interface StepResult<T> {
  /** Must survive JSON: it is stored, and returned as it was stored. */
  output: T
  tokens?: TokenCount
  costUsd?: number
}

/** Memoised steps of one review. A retry never pays twice. */
export interface Journal {
  /**
   * Returns the stored output of a finished step with the same key and the same input (compared by hash), else runs it
   * and stores the result with its duration, tokens and cost. What `run` throws is recorded, with what it took
   * (`PaidForNothing`), and thrown on.
   * Throws `LostLeaseError` when the row is not ours any more, without storing anything.
   */
  step<T>(key: string, input: unknown, run: () => Promise<StepResult<T>>): Promise<T>
}

/** Where a change is read from. */
export interface ChangeReader {
  /** What GitHub says now; never journaled. */
  readState(ref: PullRequestRef, signal: AbortSignal): Promise<PullRequestState>
  /**
   * All pages of files, and the commits. GitHub's list of files takes no commit: it is accepted only when every file's
   * `contents_url` names `state.headSha` and the head and base read afterwards are unchanged; `undefined` otherwise.
   */
  readChange(ref: PullRequestRef, state: PullRequestState, signal: AbortSignal): Promise<Change | undefined>
}

/** What other bots and linters have said on lines of the pull request, as GitHub has it now; never journaled. */
export type SaidReader = (ref: PullRequestRef, signal: AbortSignal) => Promise<Said[]>

/** What the reviewers answered. */
export interface Examination {
  /** At most three sentences on what the change does. Empty when the model gave none. */
  summary: string
  findings: Finding[]
  /** Files of which at least one hunk was shown to the reviewers. */
  filesRead: number
  /** Files that did not fit the budget, whole or in part. */
  leftOut: FileLeftOut[]
  /** Answers that could not be understood, one sentence each. A malformed finding costs one finding. */
  malformed: string[]
}

/** What is examined. */
export interface Material {
  change: Change
  /** Those of the change that should be read. */
  files: ChangedFile[]
  /** What the checks found already: evidence, not to be reported again. */
  found: Finding[]
}

export interface ProblemFinder {
  examine(material: Material, signal: AbortSignal): Promise<Examination>
}

/** Findings after somebody has tried to refute them, in the order in which they were given. */
export interface Verified {
  /** Those that were not confirmed are held back. */
  findings: PlacedFinding[]
  /** So many got no verdict at all: something went wrong, and the review is partial. */
  unheard: number
}

export interface Verifier {
  verify(material: Material, candidates: PlacedFinding[], signal: AbortSignal): Promise<Verified>
}

/** What the deterministic analyzers say of the added lines. */
export interface Checked {
  /** Each by `checks:<name>`. */
  findings: Finding[]
  /** Checks that could not be run, each with its reason. */
  leftOut: FileLeftOut[]
}

export interface Checker {
  /** `files` are those of the change that should be read. */
  check(change: Change, files: ChangedFile[], signal: AbortSignal): Promise<Checked>
  /** A suggestion after which the file would not parse any more is not offered for a click. */
  keepParsing(change: Change, findings: PlacedFinding[], signal: AbortSignal): Promise<PlacedFinding[]>
}

/** One of our own reviews on the pull request, as GitHub has it now. */
export interface PostedReview {
  id: number
  state: 'pending' | 'submitted'
  body: string
}

/** Why GitHub refused a write. Refusals are classified, not lumped. */
export type Refusal =
  /** 422: one pending review per user and pull request. */
  | { kind: 'draft-exists' }
  /** 404 or 422 on the id of a draft. */
  | { kind: 'draft-gone' }
  /** 422: some line is not part of the diff; GitHub refuses the whole review and does not say which. */
  | { kind: 'line' }
  /** 422: the commit is not part of the pull request any more. */
  | { kind: 'commit-gone' }
  /** Primary or secondary limit. */
  | { kind: 'limited'; delayMs: number }
  /** 401 with a token that was just made, 403, 410, 404 on the repository or the pull request, locked, archived. */
  | { kind: 'closed-door'; reason: string }
  /** Any other 4xx. */
  | { kind: 'invalid'; reason: string }

export type WriteResult<T> =
  | { kind: 'done'; value: T }
  | { kind: 'refused'; refusal: Refusal }
  /** A 5xx, a lost reply, a time-out: it may have happened. */
  | { kind: 'unknown'; cause: unknown }

/** GitHub's reviews of one pull request. No implementation retries a write. */
export interface ReviewBoard {
  /** All pages; only reviews by our bot's user id. */
  listOurs(ref: PullRequestRef, signal: AbortSignal): Promise<PostedReview[]>
  /** Creates a review without an event: pending, invisible to others. */
  createDraft(ref: PullRequestRef, publication: Publication, signal: AbortSignal): Promise<WriteResult<{ id: number }>>
  /** Submits by id, with event COMMENT. */
  submitDraft(ref: PullRequestRef, id: number, signal: AbortSignal): Promise<WriteResult<{ id: number }>>
  deleteDraft(ref: PullRequestRef, id: number, signal: AbortSignal): Promise<WriteResult<undefined>>
}

/** What is stored of a review when it ends, besides its outcome. */
export interface ReviewRecord {
  summary: string
  coverage: Coverage
  verdict: Verdict | undefined
  findings: PlacedFinding[]
  leftOut: FileLeftOut[]
  filesRead: number
}

/** What a review has cost so far, over all attempts. */
export interface Effort {
  tokens: TokenCount
  /** Missing where prices are not known. */
  costUsd?: number
  /** From the first claim to now. */
  tookMs: number
}

/** The row's endings. Each throws `LostLeaseError` when the row is not the owner's any more. */
export interface EndingStore {
  /** Findings, coverage, verdict: written before publishing, so that the page shows them whatever happens next. */
  recordExamination(owner: Owner, record: ReviewRecord): Promise<Effort>
  /** The terminal row. For `superseded`, also records the new head and base unless a live or published row has them. */
  finish(owner: Owner, outcome: Outcome): Promise<void>
  /** Status `retrying`, attempts + 1, `not_before` in `delayMs`. At `maxAttempts`: status `failed`. */
  fail(owner: Owner, failure: Failure): Promise<{ kind: 'retrying' | 'failed' }>
  /** Back to `queued` with `not_before` in `delayMs`; no attempt spent. */
  park(owner: Owner, reason: string, delayMs: number): Promise<void>
}

export interface Failure {
  /** One or more sentences for people: what was being done, and what was wrong. No secret, no diff. */
  message: string
  delayMs: number
  maxAttempts: number
  /** Fail now, whatever the count. */
  permanent: boolean
}

export type ReviewClaim =
  /** `crashes`: so many workers died over it. */
  | { kind: 'claimed'; review: ClaimedReview; crashes: number }
  /** Terminal, or no such row. */
  | { kind: 'ended' }
  /** Running and alive, or not due yet. */
  | { kind: 'later'; delayMs: number }

/** Who may run a row. The lease is a setting of the store. */
export interface ClaimStore {
  claim(id: ReviewId, worker: string): Promise<ReviewClaim>
  /** Back to `queued` under its epoch; nothing when the epoch is over. */
  release(owner: Owner): Promise<void>
  /** `beat_at = clock_timestamp()`; answers the reviews that are still the owners'. */
  beat(owners: readonly Owner[]): Promise<ReviewId[]>
  /** Keeps a stream entry that cannot be understood. */
  reject(entryId: string, raw: string): Promise<void>
}

/** A fixed text and fields. */
export interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

// Posts one review exactly once, in two phases.
//
// What must always hold: a person sees at most one review of ours for a (kind, head, base) of a pull request.
//
// The design: the payload is frozen on the row before the first write, so every owner posts the same bytes. A review
// created without an event is pending: invisible to others, and GitHub allows one per user and pull request, so GitHub is
// the lock. Before it is submitted, the epoch, the head and the list are looked at once more. A pending review may be
// deleted, a submitted one may not. https://docs.github.com/en/rest/pulls/reviews
//
// The races:
// - Two owners (a paused one wakes up): both know the same draft. One submit succeeds, the other meets 404 or 422, reads
//   the list again and finds the review, or finds that its epoch is over.
// - An answer that never came (5xx, lost reply): the write may have happened. Wait until GitHub's lists have caught up,
//   then start over at the list.
// - A push between the last look at the head and the submit: accepted; that review names the head it read.
import type { Clock } from '../queue/clock.ts'
import { ParkedError, PermanentError } from '../review/errors.ts'
import { type Marker, parseMarker } from '../review/marker.ts'
import { type Outcome, unreachable } from '../review/outcome.ts'
import type { Publication } from '../review/publication.ts'
import { type PullRequestRef, pullRequestName } from '../review/pull-request.ts'
import { endedEarly } from './ended-early.ts'
import type { ChangeReader, ClaimedReview, Owner, PostedReview, Refusal, ReviewBoard } from './ports.ts'

export type Intent =
  /** `publication` is the frozen one: ours, or that of a former owner. */
  | { kind: 'open'; publication: Publication; formerIntentAgeMs: number | undefined }
  /** Another running row of this pull request is publishing. */
  | { kind: 'occupied' }

/** Every write throws `LostLeaseError` when the owner's epoch is not the row's any more. */
export interface PublishingStore {
  /** Notes the former intent, freezes the payload if none is frozen, writes `publish_intent_at`. One transaction. */
  openIntent(owner: Owner, publication: Publication): Promise<Intent>
  /** Replaces the frozen payload after a refused line. */
  freezeAnew(owner: Owner, publication: Publication): Promise<void>
  /** Also writes `publish_intent_at` anew: call it right before the submit. */
  assertOwner(owner: Owner): Promise<void>
}

export interface PublishDeps {
  store: PublishingStore
  board: ReviewBoard
  reader: Pick<ChangeReader, 'readState'>
  /** After a refused line. `prove-again`: what refetched patches prove; `body-only`: nothing inline at all. */
  reduce: (refused: Publication, how: Reduction) => Promise<Publication>
  clock: Clock
  /** How long GitHub's lists may lag behind its writes. */
  readLagMs: number
}

export type Reduction = 'prove-again' | 'body-only'

/** One owner's try to post one review. */
export interface Posting extends PublishDeps {
  review: ClaimedReview
  signal: AbortSignal
}

/** How one round through the protocol went. */
type Round =
  | { kind: 'ended'; outcome: Outcome }
  /** The world changed or is unknown: start over at the list, after `delayMs`. */
  | { kind: 'again'; delayMs: number }
  /** GitHub refused a line, and with it the whole review. */
  | { kind: 'line-refused' }

type Draft = { kind: 'draft'; id: number }

/** Each round is a handful of requests; a pull request that needs more is being fought over and is left to a retry. */
const maxRounds = 8
/** The tries after a refused line, in order. */
const reductions: readonly Reduction[] = ['prove-again', 'body-only']

/**
 * Ends in a published, superseded or cancelled outcome. Throws `LostLeaseError` when the epoch is over, `ParkedError`
 * when GitHub asks to wait or another review of this pull request is being posted, and `Error` when it did not converge.
 */
export async function publishOnce(posting: Posting, publication: Publication): Promise<Outcome> {
  let wanted = publication
  let linesRefused = 0
  for (let round = 0; round < maxRounds; round++) {
    posting.signal.throwIfAborted()
    const went = await postRound(posting, wanted, round)
    if (went.kind === 'ended') return went.outcome
    if (went.kind === 'again') await posting.clock.sleep(went.delayMs, posting.signal)
    if (went.kind === 'line-refused') {
      const how = reductions[linesRefused++]
      if (how === undefined) throw new PermanentError('GitHub refused the review even without inline comments')
      wanted = await posting.reduce(wanted, how)
      await posting.store.freezeAnew(posting.review.owner, wanted)
    }
  }
  throw new Error(`posting the review of ${pullRequestName(posting.review.ref)} did not settle in ${maxRounds} rounds`)
}

/** Intent, list, draft, look again, submit. */
async function postRound(posting: Posting, wanted: Publication, round: number): Promise<Round> {
  const { board, review, readLagMs, signal, store } = posting
  const intent = await store.openIntent(review.owner, wanted)
  if (intent.kind === 'occupied')
    throw new ParkedError('another review of this pull request is being posted', readLagMs)

  const ours = await board.listOurs(review.ref, signal)
  const submitted = findSubmitted(ours, review.ref)
  if (submitted) return published(submitted.id)

  const adopted = await adoptDraft(posting, ours, intent.publication)
  // Only the first round waits for a former owner: the later ones have waited, or know that nothing was created.
  const formerLagMs = round > 0 ? 0 : readLagMs - (intent.formerIntentAgeMs ?? readLagMs)
  if (adopted === undefined && formerLagMs > 0) return { kind: 'again', delayMs: formerLagMs }

  const draft = adopted ?? (await createDraft(posting, intent.publication))
  return draft.kind === 'draft' ? submitDraft(posting, draft.id) : draft
}

/** The pending review with our payload, for our base, if there is one. Any other pending one of ours is in the way and goes. */
async function adoptDraft(
  posting: Posting,
  ours: PostedReview[],
  publication: Publication,
): Promise<Draft | Round | undefined> {
  const drafts = ours.filter((one) => one.state === 'pending')
  const adopted = drafts.find((one) => markerFor(posting.review.ref, one)?.payloadHash === publication.payloadHash)
  for (const draft of drafts) {
    if (draft === adopted) continue
    const went = await deleteDraft(posting, draft.id)
    if (went) return went
  }
  return adopted && { kind: 'draft', id: adopted.id }
}

async function createDraft(posting: Posting, publication: Publication): Promise<Draft | Round> {
  const { board, readLagMs, review, signal } = posting
  const created = await board.createDraft(review.ref, publication, signal)
  if (created.kind === 'done') return { kind: 'draft', id: created.value.id }
  if (created.kind === 'refused') return afterRefusal(posting, created.refusal)
  return { kind: 'again', delayMs: readLagMs }
}

/** The last look, then the submit. Between the two nothing is awaited that could be left out. */
async function submitDraft(posting: Posting, id: number): Promise<Round> {
  const { board, reader, readLagMs, review, signal, store } = posting
  const over = endedEarly(review.ref, await reader.readState(review.ref, signal))
  const twin = findSubmitted(await board.listOurs(review.ref, signal), review.ref)
  await store.assertOwner(review.owner)
  if (over || twin)
    return (await deleteDraft(posting, id)) ?? (twin ? published(twin.id) : { kind: 'ended', outcome: over! })

  const went = await board.submitDraft(review.ref, id, signal)
  if (went.kind === 'done') return published(went.value.id)
  if (went.kind === 'refused') return afterRefusal(posting, went.refusal)
  return { kind: 'again', delayMs: readLagMs }
}

/** `undefined` when the draft is gone, by us or by somebody else. */
async function deleteDraft(posting: Posting, id: number): Promise<Round | undefined> {
  const went = await posting.board.deleteDraft(posting.review.ref, id, posting.signal)
  if (went.kind === 'done') return undefined
  if (went.kind === 'unknown') return { kind: 'again', delayMs: posting.readLagMs }
  return went.refusal.kind === 'draft-gone' ? undefined : afterRefusal(posting, went.refusal)
}

/** Refusals are classified, not lumped: each says something else about what to do. */
async function afterRefusal(posting: Posting, refusal: Refusal): Promise<Round> {
  const { reader, readLagMs, review, signal } = posting
  switch (refusal.kind) {
    case 'draft-exists':
    case 'draft-gone':
      return { kind: 'again', delayMs: readLagMs }
    case 'line':
      return { kind: 'line-refused' }
    case 'commit-gone': {
      const outcome = endedEarly(review.ref, await reader.readState(review.ref, signal))
      return outcome ? { kind: 'ended', outcome } : { kind: 'again', delayMs: readLagMs }
    }
    case 'limited':
      throw new ParkedError('GitHub asked to wait before the review is posted', refusal.delayMs)
    case 'closed-door':
      return { kind: 'ended', outcome: { kind: 'cancelled', reason: refusal.reason } }
    case 'invalid':
      throw new PermanentError(`GitHub refused the review of ${pullRequestName(review.ref)}: ${refusal.reason}`)
    default:
      return unreachable(refusal)
  }
}

/** Submitted by us for this kind, head and base: whoever did it, the work is done. */
function findSubmitted(ours: PostedReview[], ref: PullRequestRef): PostedReview | undefined {
  return ours.find((one) => one.state === 'submitted' && markerFor(ref, one))
}

/** `undefined` when it is for another kind, head or base. A payload's hash does not name the base. */
function markerFor(ref: PullRequestRef, { body }: PostedReview): Marker | undefined {
  const marker = parseMarker(body)
  const isFor = marker?.kind === ref.kind && marker.headSha === ref.headSha && marker.baseRef === ref.baseRef
  return isFor ? marker : undefined
}

function published(githubReviewId: number): Round {
  return { kind: 'ended', outcome: { kind: 'published', delivery: 'review', githubReviewId } }
}

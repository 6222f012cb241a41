// What the tests of posting need: the reviews of our bot on one pull request, by GitHub's rules; our record's row of one review,
// by the rules that `test/store/publishing.test.ts` proves; and time that passes as soon as somebody waits.
import type { Owner, PostedReview, Refusal, ReviewBoard, WriteResult } from '../../src/jobs/ports.ts'
import { type Intent, publishOnce, type PublishingStore } from '../../src/jobs/publish.ts'
import { reducePublication } from '../../src/jobs/reduce-publication.ts'
import type { Clock } from '../../src/queue/clock.ts'
import { composePublication } from '../../src/review/compose.ts'
import { LostLeaseError } from '../../src/review/errors.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import { type CommitSha, commitSha, reviewId } from '../../src/review/ids.ts'
import type { Outcome } from '../../src/review/outcome.ts'
import type { InlineComment, Publication } from '../../src/review/publication.ts'
import type { Change, PullRequestRef, PullRequestState } from '../../src/review/pull-request.ts'
import { headA, ref } from '../store/store.ts'
import { commentableLines } from '../support/github/world/patch.ts'

export { headA, headB, ref } from '../store/store.ts'

export const openState: PullRequestState = {
  headSha: headA,
  baseSha: commitSha('c'.repeat(40)),
  headRef: 'discounts',
  baseRef: 'main',
  title: 'Add discounts',
  body: '',
  author: 'octocat',
  open: true,
  draft: false,
  locked: false,
  changedFiles: 1,
}

const path = 'src/cart.ts'
const early = '@@ -1,2 +1,3 @@\n const a = 1\n+const b = 2\n const c = 3'
const late = '@@ -39,2 +40,3 @@\n const x = 1\n+const y = 2\n const z = 3'
export const patches = { both: `${early}\n${late}`, earlyOnly: early }

/** The claims of the two findings: one on each hunk of `patches.both`. */
export const titles = ['The total is added twice.', 'The discount is never subtracted.']

/** A review with two inline comments. */
export function composed(of: { headSha?: CommitSha; baseRef?: string; summary?: string } = {}): Publication {
  const findings = [2, 41].map((line, index): PlacedFinding => {
    const anchor = { path, line, side: 'RIGHT' as const }
    const claim = { title: titles[index] ?? '', body: 'See above.' }
    return { reviewer: 'correctness', severity: 'high', ...anchor, ...claim, placement: { kind: 'inline', anchor } }
  })
  const read = { summary: of.summary ?? 'Adds discounts.', leftOut: [], filesRead: 1, tokens: { input: 1, output: 1 } }
  return composePublication({ reviewId: reviewId('7'), ref: { ...ref, ...of }, findings, ...read })
}

/** What can happen on the pull request at a moment. */
interface Incident {
  before?: () => unknown
  /** Carried out, and not answered yet. */
  after?: () => unknown
  refused?: Refusal
  /** Nobody hears what came of it: it never arrived, or it was carried out. */
  lost?: 'request' | 'reply'
}

/** `look` is reading the state of the pull request. */
type Moment = 'list' | 'create' | 'look' | 'submit' | 'delete'

interface Review extends PostedReview {
  commitSha: CommitSha
  comments: InlineComment[]
}

/** Its lists show a write `lagMs` later. */
export class PullRequest implements ReviewBoard {
  state = openState
  patch = patches.both
  lagMs = 4_000
  readonly #clock: Clock
  readonly #commits = new Set([headA])
  readonly #incidents: { moment: Moment; incident: Incident }[] = []
  readonly #always = new Map<Moment, Incident>()
  #reviews: Review[] = []
  /** What the list showed, since when. */
  readonly #lists: { sinceMs: number; reviews: Review[] }[] = []
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** At the next such moment, or the one after those that were announced before. */
  next(moment: Moment, incident: Incident): void {
    this.#incidents.push({ moment, incident })
  }

  always(moment: Moment, incident: Incident): void {
    this.#always.set(moment, incident)
  }

  push(headSha: CommitSha): void {
    this.#commits.add(headSha)
    this.state = { ...this.state, headSha }
  }

  forcePush(headSha: CommitSha): void {
    this.#commits.clear()
    this.push(headSha)
  }

  /** A review by our account that is there already, and listed. */
  put(state: PostedReview['state'], publication: Pick<Publication, 'body'>): number {
    this.#keep([...this.#reviews, this.#made(state, { ...composed(), ...publication })], this.#clock.monotonicMs())
    return this.#lastId
  }

  /** What people see. */
  get submitted(): Review[] {
    return this.#reviews.filter((one) => one.state === 'submitted')
  }

  get drafts(): Review[] {
    return this.#reviews.filter((one) => one.state === 'pending')
  }

  async readState(): Promise<PullRequestState> {
    await this.#take('look').before?.()
    return this.state
  }

  async readChange(_: PullRequestRef, state: PullRequestState): Promise<Change> {
    const file = { path, status: 'modified' as const, additions: 2, deletions: 0, patch: this.patch }
    return { ref, state, commits: [], files: [file] }
  }

  async listOurs(): Promise<PostedReview[]> {
    await this.#take('list').before?.()
    const shown = this.#lists.findLast(({ sinceMs }) => sinceMs <= this.#clock.monotonicMs())
    return (shown?.reviews ?? []).map(({ body, id, state }) => ({ id, state, body }))
  }

  createDraft(_: PullRequestRef, publication: Publication): Promise<WriteResult<{ id: number }>> {
    return this.#write('create', () => {
      const refusal = this.#refusalOf(publication)
      if (refusal) return { kind: 'refused', refusal }
      const made = this.#made('pending', publication)
      this.#keep([...this.#reviews, made])
      return { kind: 'done', value: { id: made.id } }
    })
  }

  submitDraft(_: PullRequestRef, id: number): Promise<WriteResult<{ id: number }>> {
    return this.#write('submit', () => {
      if (!this.drafts.some((one) => one.id === id)) return { kind: 'refused', refusal: { kind: 'draft-gone' } }
      this.#keep(this.#reviews.map((one) => (one.id === id ? { ...one, state: 'submitted' as const } : one)))
      return { kind: 'done', value: { id } }
    })
  }

  deleteDraft(_: PullRequestRef, id: number): Promise<WriteResult<undefined>> {
    return this.#write('delete', () => {
      if (!this.drafts.some((one) => one.id === id)) return { kind: 'refused', refusal: { kind: 'draft-gone' } }
      this.#keep(this.#reviews.filter((one) => one.id !== id))
      return { kind: 'done', value: undefined }
    })
  }

  /** The first thing that is wrong with it, in the order in which GitHub looks. */
  #refusalOf({ comments, commitSha: sha }: Publication): Refusal | undefined {
    if (this.drafts.length > 0) return { kind: 'draft-exists' }
    if (!this.#commits.has(sha)) return { kind: 'commit-gone' }
    const lines = commentableLines(this.patch).map((one) => one.right)
    return comments.every((one) => lines.includes(one.line)) ? undefined : { kind: 'line' }
  }

  #made(state: PostedReview['state'], { body, comments, commitSha: sha }: Publication): Review {
    return { id: ++this.#lastId, state, body, comments, commitSha: sha }
  }

  #keep(reviews: Review[], sinceMs = this.#clock.monotonicMs() + this.lagMs): void {
    this.#reviews = reviews
    this.#lists.push({ sinceMs, reviews })
  }

  #take(moment: Moment): Incident {
    const at = this.#incidents.findIndex((one) => one.moment === moment)
    const [found] = at < 0 ? [] : this.#incidents.splice(at, 1)
    return found?.incident ?? this.#always.get(moment) ?? {}
  }

  async #write<T>(moment: Moment, carryOut: () => WriteResult<T>): Promise<WriteResult<T>> {
    const { after, before, lost, refused } = this.#take(moment)
    await before?.()
    if (refused) return { kind: 'refused', refusal: refused }
    const went = lost === 'request' ? undefined : carryOut()
    await after?.()
    return went && !lost ? went : { kind: 'unknown', cause: new Error('socket hang up') }
  }
}

/** One running review, as our record has it. */
export class Row implements PublishingStore {
  epoch = 1
  frozen: Publication | undefined
  /** Another running row of the pull request is publishing. */
  occupied = false
  readonly #clock: Clock
  #intentAtMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async openIntent(owner: Owner, publication: Publication): Promise<Intent> {
    this.#fence(owner)
    if (this.occupied) return { kind: 'occupied' }
    const now = this.#clock.monotonicMs()
    const formerIntentAgeMs = this.#intentAtMs === undefined ? undefined : now - this.#intentAtMs
    this.#intentAtMs = now
    this.frozen ??= publication
    return { kind: 'open', publication: this.frozen, formerIntentAgeMs }
  }

  async freezeAnew(owner: Owner, publication: Publication): Promise<void> {
    this.#fence(owner)
    this.frozen = publication
  }

  async assertOwner(owner: Owner): Promise<void> {
    this.#fence(owner)
    this.#intentAtMs = this.#clock.monotonicMs()
  }

  #fence({ epoch }: Owner): void {
    if (epoch !== this.epoch) throw new LostLeaseError(`epoch ${epoch} is over`)
  }
}

export interface PassingClock extends Clock {
  pass(ms: number): void
}

function createPassingClock(): PassingClock {
  let now = 0
  const pass = (ms: number): void => void (now += ms)
  return { pass, monotonicMs: () => now, sleep: async (ms) => pass(ms) }
}

/** Longer than the lists of `PullRequest` lag. */
export const readLagMs = 5_000

/** A pull request with a claimed review; `post` is one owner's try. */
export function createScene() {
  const clock = createPassingClock()
  const github = new PullRequest(clock)
  const row = new Row(clock)
  const post = (
    publication = composed(),
    { epoch = 1, signal = new AbortController().signal } = {},
  ): Promise<Outcome> => {
    const owner = { reviewId: reviewId('7'), epoch, worker: `w${epoch}` }
    const review = { owner, ref, generation: 0, attempts: 0 }
    return publishOnce(
      {
        store: row,
        board: github,
        reader: github,
        reduce: (refused, how) => reducePublication({ review, publication: refused, how, reader: github }, signal),
        clock,
        readLagMs,
        review,
        signal,
      },
      publication,
    )
  }
  return { clock, github, post, row }
}

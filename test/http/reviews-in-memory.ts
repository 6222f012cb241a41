// Reviews as the API and the pages know them, kept in memory.
import type { Changed, PullRequestAddress, QueueState, ReviewsApi } from '../../src/http/reviews-api.ts'
import { isPublished } from '../../src/review/finding.ts'
import { commitSha, type ReviewId, reviewId } from '../../src/review/ids.ts'
import type { FindingRow, ReviewDetail, ReviewRow, SpanRow } from '../../src/store/review-row.ts'

export interface ReviewsInMemory extends ReviewsApi {
  add(row?: Partial<ReviewRow>, parts?: Parts): ReviewId
  /** Changes the row and raises its counter. */
  change(id: ReviewId, row: Partial<ReviewRow>): void
  /** Adds a span, or replaces the one with its key, and raises the counter. */
  putSpan(id: ReviewId, span: SpanRow): void
  queueState: QueueState
}

interface Parts {
  findings?: FindingRow[]
  spans?: SpanRow[]
  /** From path to patch. */
  patches?: Record<string, string>
}

const noTokens = { input: 0, output: 0, cached: 0 }

const plainRow: Omit<ReviewRow, 'id'> = {
  owner: 'octo-org',
  repo: 'hello-world',
  number: 7,
  title: 'Add a greeting',
  author: 'mona',
  headSha: commitSha('a'.repeat(40)),
  baseRef: 'main',
  kind: 'pull_request',
  trigger: 'hook',
  status: 'queued',
  coverage: null,
  verdict: null,
  delivery: null,
  reason: null,
  error: null,
  epoch: 0,
  generation: 0,
  attempts: 0,
  crashes: 0,
  worker: null,
  notBefore: null,
  createdAt: new Date('2026-01-05T10:00:00Z'),
  askedAt: new Date('2026-01-05T10:00:00Z'),
  startedAt: null,
  finishedAt: null,
  githubReviewId: null,
  summary: '',
  filesRead: 0,
  leftOut: [],
  findings: 0,
  tokens: noTokens,
  costUsd: 0,
  eventSeq: 1,
}

export function span(values: Partial<SpanRow> = {}): SpanRow {
  return {
    id: '1',
    key: 'read-change',
    status: 'finished',
    generation: 0,
    epoch: 1,
    worker: 'worker-1',
    startedAt: new Date('2026-01-05T10:00:03Z'),
    endedAt: new Date('2026-01-05T10:00:04Z'),
    tokens: noTokens,
    costUsd: 0,
    error: null,
    served: 0,
    eventSeq: 0,
    ...values,
  }
}

export function finding(values: Partial<FindingRow> = {}): FindingRow {
  return {
    reviewer: 'correctness',
    severity: 'high',
    path: 'src/greeting.ts',
    line: 12,
    startLine: null,
    side: 'RIGHT',
    quote: null,
    title: 'The name is never read',
    body: 'It greets nobody.',
    suggestion: null,
    placement: { kind: 'inline', anchor: { path: 'src/greeting.ts', side: 'RIGHT', line: 12 } },
    verification: null,
    ...values,
  }
}

export function createReviewsInMemory(): ReviewsInMemory {
  const details: ReviewDetail[] = []
  const changes = new Map<string, Record<string, string>>()
  const find = (id: ReviewId) => details.find((detail) => detail.review.id === id)
  function set(id: ReviewId, row: Partial<ReviewRow>): Changed {
    const detail = find(id)
    if (!detail) return { kind: 'unknown' }
    detail.review = { ...detail.review, ...row, eventSeq: detail.review.eventSeq + 1 }
    return { kind: 'done' }
  }
  const memory: ReviewsInMemory = {
    queueState: {
      waiting: 0,
      dueLater: 0,
      running: 0,
      failed: 0,
      workers: [],
      stream: { length: 0, waiting: 0, pending: 0, dueLater: 0 },
    },
    add(row = {}, { findings = [], patches = {}, spans = [] } = {}) {
      const id = reviewId(String(details.length + 1))
      changes.set(id, patches)
      details.push({
        review: { ...plainRow, findings: findings.filter(isPublished).length, ...row, id },
        findings,
        spans,
      })
      return id
    },
    change: (id, row) => void set(id, row),
    putSpan(id, put) {
      set(id, {})
      const detail = find(id)
      if (!detail) return
      const others = detail.spans.filter((other) => other.key !== put.key)
      detail.spans = [...others, { ...put, eventSeq: detail.review.eventSeq }]
    },
    async list({ cursor, limit, repo, status }) {
      const rows = details.map((detail) => detail.review).toReversed()
      const wanted = rows.filter(
        (row) =>
          (status === undefined || row.status === status) &&
          (repo === undefined || `${row.owner}/${row.repo}` === repo) &&
          (cursor === undefined || Number(row.id) < Number(cursor)),
      )
      const reviews = wanted.slice(0, limit)
      return { reviews, cursor: wanted.length > limit ? (reviews.at(-1)?.id ?? null) : null }
    },
    read: async (id) => find(id),
    patches: async (id, paths) =>
      new Map(Object.entries(changes.get(id) ?? {}).filter(([path]) => paths.includes(path))),
    async changesSince(id, eventSeq) {
      const detail = find(id)
      if (!detail) return undefined
      const spans = detail.spans.filter((one) => one.eventSeq > eventSeq).toSorted((a, b) => a.eventSeq - b.eventSeq)
      return { review: detail.review, spans }
    },
    async request(address: PullRequestAddress) {
      if (address.repo === 'closed') return { kind: 'refused', reason: 'The pull request is closed.' }
      return { kind: 'queued', id: memory.add({ ...address, trigger: 'api' }) }
    },
    async retry(id) {
      if (find(id)?.review.status === 'published') return { kind: 'refused', reason: 'The review is published.' }
      return set(id, { status: 'queued' })
    },
    async cancel(id) {
      if (find(id)?.review.status === 'published') return { kind: 'refused', reason: 'The review has ended.' }
      return set(id, { status: 'cancelled' })
    },
    queue: async () => memory.queueState,
  }
  return memory
}

// Reviews in every state, as rich as pages get. Looked at by the tests for accessibility and for small screens.
import type { ReviewId } from '../../src/review/ids.ts'
import { statuses } from '../../src/review/outcome.ts'
import { finding, type ReviewsInMemory, span } from '../http/reviews-in-memory.ts'

const patch = `@@ -1,10 +1,16 @@ export interface Item
 export interface Item {
   price: number
   count: number
 }
 
+export function discounted(items: Item[], percent: number): number {
+  for (let i = 0; i <= items.length; i++) items[i].price *= 1 - percent
+  return total(items)
+}
+
 export function total(items: Item[]): number {
-  return items.reduce((sum, item) => sum + item.price, 0)
+  const withVeryLongNameThatGoesOnAndOnSoThatTheLineHasToBeBrokenSomewhere = items.filter((item) => item.count > 0)
+  return withVeryLongNameThatGoesOnAndOnSoThatTheLineHasToBeBrokenSomewhere.reduce((sum, item) => sum + item.price * item.count, 0)
 }
 
 export const empty: Item[] = []`

const body = `The loop runs one step too far: with \`i === items.length\`, \`items[i]\` is \`undefined\` and reading \`price\` throws.

- \`percent\` is taken as a fraction, but the callers in \`src/checkout.ts\` pass **15**.
- The prices of the caller's own objects are changed.

\`\`\`ts
discounted(cart, 15) // TypeError
\`\`\`

## What to do

Build new items with \`map\`.`

const at = (second: number): Date => new Date(Date.parse('2026-01-05T10:00:00Z') + second * 1000)
const tokens = { input: 41_200, output: 1830, cached: 30_000 }

/** When the sample is looked at, in milliseconds since 1970. */
export const sampleNow = at(300).getTime()

/** The id of the richest one. */
export function addSample(reviews: ReviewsInMemory): ReviewId {
  const started = { startedAt: at(3), finishedAt: at(75), trigger: 'hook' } as const
  for (const status of statuses)
    reviews.add({ ...(status === 'queued' ? {} : started), number: 20, title: `Ends as ${status}`, status })
  reviews.add({
    number: 31,
    title: 'Asked for by a person',
    trigger: 'api',
    status: 'failed',
    error: 'read the change: GitHub answered 502',
  })
  const worker = { name: 'web-1-4711-ab12cd34', slots: 4, startedAt: at(0), loopTurnedAt: at(299) }
  reviews.queueState = { ...reviews.queueState, waiting: 2, failed: 1, workers: [worker, { ...worker, name: 'b' }] }
  return reviews.add(
    {
      ...started,
      number: 42,
      title: 'Add discounts to the cart, and count items that are bought more than once',
      status: 'published',
      verdict: 'blocking',
      coverage: 'partial',
      delivery: 'review',
      githubReviewId: 80,
      summary:
        'Adds a function that lowers every price by a percentage, and makes the total respect the number of items.',
      filesRead: 2,
      leftOut: [
        { kind: 'noise', path: 'package-lock.json', reason: 'a lock file' },
        { kind: 'unread', path: 'src/generated/catalogue-of-everything.ts', reason: 'too large for the budget' },
      ],
      tokens: { input: 82_400, output: 3660, cached: 60_000 },
      costUsd: 0.31,
      epoch: 4,
      worker: 'worker-2-88-ff00aa11',
    },
    { findings: sampleFindings, spans: sampleSpans, patches: { 'src/cart.ts': patch } },
  )
}

const place = { path: 'src/cart.ts', line: 7 } as const

const sampleFindings = [
  finding({
    ...place,
    severity: 'critical',
    title: 'The loop reads past the end of the items',
    body,
    suggestion: '  for (const item of items) item.price *= 1 - percent',
    verification: {
      verdict: 'confirmed',
      reason: 'Both callers pass a list of any length, and nothing catches the error.',
      evidence: [{ path: 'src/checkout.ts', first: 12, last: 18 }],
    },
    placement: { kind: 'inline', anchor: { ...place, side: 'RIGHT' } },
  }),
  finding({
    ...place,
    line: 13,
    startLine: 12,
    severity: 'medium',
    reviewer: 'performance',
    title: 'Every call filters the whole list again',
    placement: { kind: 'inline', anchor: { ...place, line: 13, startLine: 12, side: 'RIGHT' } },
  }),
  finding({
    severity: 'low',
    title: 'Nothing tests the empty cart',
    placement: { kind: 'body', reason: 'its line is not in the diff' },
  }),
  finding({
    severity: 'low',
    line: 15,
    title: 'The empty cart is exported twice',
    placement: { kind: 'listed' },
    verification: { verdict: 'confirmed', reason: '`src/index.ts` exports it as well.', evidence: [] },
  }),
  finding({
    severity: 'critical',
    title: 'Prices are taken from the request',
    suggestion: 'const price = priceOf(item)',
    placement: { kind: 'held-back', reason: 'The caller looks every price up.' },
    verification: {
      verdict: 'refuted',
      reason: 'The caller looks every price up.',
      evidence: [
        { path: 'src/checkout.ts', first: 31, last: 44 },
        { path: 'src/a-folder-with-a-rather-long-name/and-another-one/catalogue-of-everything.ts', first: 7, last: 7 },
      ],
    },
  }),
  finding({
    line: 5,
    title: 'The name is never read',
    placement: { kind: 'held-back', reason: 'lint[bot] has said it on this line already.' },
  }),
]

const sampleSpans = [
  span({ id: '1', key: `change:${'a'.repeat(40)}`, epoch: 2, startedAt: at(3), endedAt: at(5), served: 1 }),
  span({
    id: '2',
    key: 'model:correctness 1',
    epoch: 2,
    startedAt: at(5),
    endedAt: at(19),
    tokens,
    costUsd: 0.15,
    served: 1,
  }),
  span({
    id: '3',
    key: 'model:security 1',
    epoch: 2,
    startedAt: at(5.4),
    endedAt: at(12),
    status: 'failed',
    error: 'asking the model: 503 after 3 tries',
  }),
  span({ id: '4', key: 'model:verify 1', epoch: 2, startedAt: at(19), endedAt: null, status: 'lost' }),
  span({
    id: '5',
    key: 'model:security 1',
    epoch: 4,
    worker: 'worker-2-88-ff00aa11',
    startedAt: at(60),
    endedAt: at(71),
    tokens,
    costUsd: 0.16,
  }),
  span({
    id: '6',
    key: 'model:verify 1',
    epoch: 4,
    worker: 'worker-2-88-ff00aa11',
    startedAt: at(71),
    endedAt: null,
    status: 'running',
  }),
]

// The named steps at which a process dies, each between two effects. Nothing of this is in `src/`: a point is a method of a port
// that an entry constructs, and `arm.ts` wraps that port.

export interface FailPoint {
  name: string
  /** Who dies there. */
  entry: 'web' | 'worker'
  port: keyof typeof ports
  method: string
  when: 'before' | 'after'
  /** Which calls count; all of them by default. `result` is there only after a call. */
  counts?(args: readonly unknown[], result?: unknown): boolean
}

/** Where each port is made: what the module's address ends in. */
export const ports = {
  intake: { file: 'src/store/intake.ts', factory: 'createIntake' },
  queue: { file: 'src/queue/redis-queue.ts', factory: 'createRedisQueue' },
  claims: { file: 'src/store/claims.ts', factory: 'createClaims' },
  model: { file: '/openai-model.ts', factory: 'createOpenAIModel' },
  journal: { file: 'src/store/journal.ts', factory: 'createJournal' },
  endings: { file: 'src/store/endings.ts', factory: 'createEndings' },
  publishing: { file: 'src/store/publishing.ts', factory: 'createPublishing' },
  board: { file: 'src/github/reviews.ts', factory: 'createReviewBoard' },
  checkRuns: { file: 'src/github/check-runs.ts', factory: 'createCheckRunBoard' },
} as const

const isFilled = (_: readonly unknown[], result?: unknown): boolean => Array.isArray(result) && result.length > 0
const isOfModel = ([key]: readonly unknown[]): boolean => String(key).startsWith('model:')

export const failPoints: readonly FailPoint[] = [
  point('hook recorded, not answered', 'web', 'after intake.recordHook'),
  point('row there, not on the stream', 'web', 'before queue.enqueue'),
  point('on the stream, web not told', 'web', 'after queue.enqueue'),
  point('entry read, row not claimed', 'worker', 'before claims.claim'),
  point('row claimed, entry not held', 'worker', 'before queue.hold'),
  point('entry held, nothing run', 'worker', 'after queue.hold'),
  point('change read, model not asked', 'worker', 'before model.complete'),
  point('model answered, span not stored', 'worker', 'after model.complete'),
  { ...point('span stored, nothing examined', 'worker', 'after journal.step'), counts: isOfModel },
  point('findings stored, no intent', 'worker', 'after endings.recordExamination'),
  point('payload frozen, no draft', 'worker', 'after publishing.openIntent'),
  point('draft created, last look not taken', 'worker', 'after board.createDraft'),
  point('last look taken, not submitted', 'worker', 'before board.submitDraft'),
  point('submitted, row not written', 'worker', 'after board.submitDraft'),
  point('row ended, entry not settled', 'worker', 'after endings.finish'),
  point('entry settled', 'worker', 'after queue.settle'),
  { ...point('row beaten for, entry not', 'worker', 'after claims.beat'), counts: isFilled },
  point('check run due, not shown', 'worker', 'before checkRuns.show'),
  point('check run shown, row not told', 'worker', 'after checkRuns.show'),
  { ...point('entry taken over, row not claimed', 'worker', 'after queue.takeOver'), counts: isFilled },
  point('error on the row, entry not postponed', 'worker', 'after endings.fail'),
  point('foreign draft deleted, none of ours', 'worker', 'after board.deleteDraft'),
  point('row handed back, entry not', 'worker', 'after claims.release'),
]

function point(
  name: string,
  entry: FailPoint['entry'],
  at: `${FailPoint['when']} ${FailPoint['port']}.${string}`,
): FailPoint {
  const [when, port, method] = at.split(/[ .]/)
  // The type of `at` says so.
  return { name, entry, port: port as FailPoint['port'], method: method ?? '', when: when as FailPoint['when'] }
}

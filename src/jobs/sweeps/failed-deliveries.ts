// GitHub does not deliver again by itself what it could not deliver, but it keeps a list for three days and delivers again when
// asked. https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook
//
// What must always hold: every GUID is looked at until one of its attempts went well, it is ours already, or it is hopeless.
// All attempts of those that are not settled are kept beside the mark, which passes them: their number says how long to wait, and
// one that never goes well does not have everything after it read again.
import { ParkedError } from '../../review/errors.ts'
import { eachByItself } from './sweep.ts'
import type { Did, SweepStore } from './sweep-store.ts'

export interface DeliveryAttempt {
  id: number
  guid: string
  /** Wall clock. */
  deliveredMs: number
  /** What we answered; 0 when GitHub could not connect. */
  statusCode: number
}

export interface DeliveryPage {
  attempts: DeliveryAttempt[]
  /** The cursor of the page after it; none after the last one. */
  next: string | undefined
}

export interface DeliveryLog {
  /** Newest first, down to such a time; from the newest of all without a cursor. */
  pages(part: { cursor: string | undefined; fromMs: number }, signal: AbortSignal): AsyncIterable<DeliveryPage>
  /** Asks GitHub to deliver it again. It does so in its own time, with the same GUID. */
  redeliver(id: number, signal: AbortSignal): Promise<void>
}

export interface FailedDeliveriesDeps {
  deliveries: DeliveryLog
  store: Pick<SweepStore, 'readMark' | 'writeMark' | 'recordedDeliveries'>
  /** Wall clock. */
  now(): number
}

/** How far GitHub's list was read. */
export interface DeliveryMark {
  /** Everything before is settled, or among the open ones. */
  mark: Date
  open: DeliveryAttempt[]
  /** Where a reading that was cut off goes on, and where the mark is once that is through. */
  rest?: { cursor: string; newestMs: number } | null
}

const markName = 'failed deliveries'
/** GitHub keeps the list, and delivers again, for so long. */
const keptMs = 3 * 86_400_000
/** An attempt is listed when it has ended, so an older one may still come. */
const overlapMs = 600_000
/** Too large, or not what GitHub documents: it will be refused again. */
const hopeless = [400, 413]
const pauseCapMs = 3_600_000
/** So that the end of an outage is no flood; the rest comes with the next turns. */
const maxAtOnce = 100

/** One turn: how many were asked for again, and how many more have failed and not arrived otherwise. */
export async function redeliverFailed(deps: FailedDeliveriesDeps, signal: AbortSignal): Promise<Did> {
  const all = await readOn(deps, signal)
  const now = deps.now()
  const open = all.filter(([first]) => first && first.deliveredMs >= now - keptMs)
  const due = open.flatMap((one) => one.slice(-1).filter(({ deliveredMs }) => deliveredMs + pauseMs(one.length) <= now))
  let redelivered = 0
  let limited = false
  await eachByItself(due.slice(0, maxAtOnce), signal, async ({ id }) => {
    // The App has one limit for all of them.
    if (limited) return
    await deps.deliveries.redeliver(id, signal).catch((error: unknown) => {
      limited = error instanceof ParkedError
      throw error
    })
    redelivered++
  })
  return { redelivered, waiting: open.length - redelivered }
}

/** Reads down to the mark, and keeps how far it came also when it is cut off. Answers what is open. */
async function readOn({ deliveries, now, store }: FailedDeliveriesDeps, signal: AbortSignal) {
  const former = await store.readMark(markName)
  const { mark, open: before, rest } = former ?? { mark: new Date(now() - keptMs), open: [] }
  const fromMs = Math.max(mark.getTime() - overlapMs, now() - keptMs)
  // Twice as long, for then all attempts of a GUID are too old.
  const kept = before.filter((one) => one.deliveredMs >= now() - 2 * keptMs)
  const known = new Map(kept.map((one) => [one.id, one]))
  // Without the former rest: a cursor that leads nowhere any more is not tried twice.
  let reached: Omit<DeliveryMark, 'open'> = { mark }
  let newestMs = rest?.newestMs
  let open: DeliveryAttempt[][] = []
  try {
    for await (const { attempts, next } of deliveries.pages({ cursor: rest?.cursor, fromMs }, signal)) {
      for (const one of attempts) known.set(one.id, one)
      newestMs ??= attempts[0]?.deliveredMs ?? mark.getTime()
      reached = next === undefined ? { mark: new Date(newestMs) } : { mark, rest: { cursor: next, newestMs } }
    }
  } finally {
    open = await openOf([...known.values()], store)
    // Where nothing was ever delivered, there is no time up to which it was read.
    if (former || known.size > 0) await store.writeMark(markName, { ...reached, open: open.flat() })
  }
  return open
}

/** Of each GUID that is not settled all attempts, the oldest first: its three days end first. */
async function openOf(attempts: DeliveryAttempt[], store: FailedDeliveriesDeps['store']): Promise<DeliveryAttempt[][]> {
  const byAge = attempts.toSorted((a, b) => a.deliveredMs - b.deliveredMs)
  const failed = [...Map.groupBy(byAge, (one) => one.guid)].filter(([, all]) => !all.some(isSettled))
  const recorded = await store.recordedDeliveries(failed.map(([guid]) => guid))
  return failed.flatMap(([guid, all]) => (recorded.has(guid) ? [] : [all]))
}

const isSettled = ({ statusCode: code }: DeliveryAttempt) => (code >= 200 && code < 300) || hopeless.includes(code)

/** At once after the first attempt, then 2, 4, 8… minutes after the last one: a long outage of ours is no flood afterwards. */
function pauseMs(attempts: number): number {
  return attempts === 1 ? 0 : Math.min(60_000 * 2 ** (attempts - 1), pauseCapMs)
}

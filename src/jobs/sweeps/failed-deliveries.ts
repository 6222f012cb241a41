// GitHub does not deliver again by itself what it could not deliver, but it keeps a list for three days and delivers again when
// asked. https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook
//
// What must always hold: every GUID is looked at until one of its attempts went well, it is ours already, or it is hopeless.
// The mark never passes one that is not settled, so all its attempts stay in sight, and their number says how long to wait.
import type { Did, SweepStore } from './sweep-store.ts'

export interface DeliveryAttempt {
  id: number
  guid: string
  deliveredAt: Date
  /** What we answered; 0 when GitHub could not connect. */
  statusCode: number
}

export interface DeliveryLog {
  /** Newest first, in small pages. */
  attempts(signal: AbortSignal): AsyncIterable<DeliveryAttempt>
  /** Asks GitHub to deliver it again. It does so in its own time, with the same GUID. */
  redeliver(id: number, signal: AbortSignal): Promise<void>
}

export interface FailedDeliveriesDeps {
  deliveries: DeliveryLog
  store: Pick<SweepStore, 'readMark' | 'writeMark' | 'recordedDeliveries'>
  /** Wall clock. */
  now(): number
}

interface Delivered {
  latest: DeliveryAttempt
  first: DeliveryAttempt
  attempts: number
  settled: boolean
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
  const { deliveries, now, store } = deps
  const mark = (await store.readMark(markName)) ?? new Date(0)
  const from = Math.max(mark.getTime() - overlapMs, now() - keptMs)
  const seen = await group(deliveries.attempts(signal), from)
  const recorded = await store.recordedDeliveries([...seen].flatMap(([guid, one]) => (one.settled ? [] : [guid])))
  const open = [...seen.values()].filter((one) => !one.settled && !recorded.has(one.latest.guid))

  const due = open.filter((one) => one.latest.deliveredAt.getTime() + pauseMs(one.attempts) <= now())
  // The oldest first: its three days end first.
  const asked = due.toReversed().slice(0, maxAtOnce)
  for (const { latest } of asked) await deliveries.redeliver(latest.id, signal)

  const [newest] = seen.values()
  const settledUntil = open.map((one) => one.first.deliveredAt).sort((a, b) => a.getTime() - b.getTime())[0]
  const next = settledUntil ?? newest?.latest.deliveredAt
  if (next) await store.writeMark(markName, next)
  return { redelivered: asked.length, waiting: open.length - asked.length }
}

/** By GUID, those with the newest attempts first. */
async function group(attempts: AsyncIterable<DeliveryAttempt>, from: number): Promise<Map<string, Delivered>> {
  const seen = new Map<string, Delivered>()
  for await (const attempt of attempts) {
    if (attempt.deliveredAt.getTime() < from) break
    const settled = (attempt.statusCode >= 200 && attempt.statusCode < 300) || hopeless.includes(attempt.statusCode)
    const known = seen.get(attempt.guid)
    seen.set(attempt.guid, {
      latest: known?.latest ?? attempt,
      first: attempt,
      attempts: (known?.attempts ?? 0) + 1,
      settled: settled || (known?.settled ?? false),
    })
  }
  return seen
}

/** At once after the first attempt, then 2, 4, 8… minutes after the last one: a long outage of ours is no flood afterwards. */
function pauseMs(attempts: number): number {
  return attempts === 1 ? 0 : Math.min(60_000 * 2 ** (attempts - 1), pauseCapMs)
}

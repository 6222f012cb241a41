// A worker that dies, and a Redis that is away: how long until work goes on. All rounds run at once, because nobody works meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcess } from '../test/support/processes.ts'
import { startRedis } from '../test/support/servers/redis.ts'
import { leaseMs, openBullMq, openOurs, type OpenContender } from './contenders.ts'
import { bar, figures, table } from './rounds.ts'

const open = { ours: openOurs, bullmq: openBullMq } satisfies Record<string, OpenContender>
type Name = keyof typeof open

/** How long Redis is away: long enough for every reconnecting client to have slowed down. */
const outageMs = 20_000

export async function benchOutage(rounds: number): Promise<void> {
  const [deadOurs, deadBullMq, awayOurs, awayBullMq] = await Promise.all([
    times(rounds, deadWorker('ours')),
    times(rounds, deadWorker('bullmq')),
    times(rounds, reconnect('ours')),
    times(rounds, reconnect('bullmq')),
  ])
  table(
    ['seconds until work goes on', 'Plumbline', 'BullMQ 6.7.0'],
    [
      ['a worker was killed, lease 30 s', figures(deadOurs, 1), figures(deadBullMq, 1)],
      ['Redis is back after 20 s', figures(awayOurs, 1), figures(awayBullMq, 1)],
    ],
  )
  bar('the job of a dead worker is back, longest, s', Math.max(...deadOurs), { atMost: leaseMs / 1000 + 1 })
  bar('works again after a Redis outage, longest, s', Math.max(...awayOurs), { atMost: 2 })
}

const times = (rounds: number, once: (round: number) => Promise<number>): Promise<number[]> =>
  Promise.all(Array.from({ length: rounds }, (_, round) => once(round)))

/** From the kill to the job's first line in another worker, which has been there for another part of a lease in each round. */
function deadWorker(name: Name) {
  return async (round: number): Promise<number> => {
    const redis = await startRedis({ appendfsync: 'everysec' })
    const survivor = await open[name](redis.url, 'bench')
    const holder = startProcess('bench/job-holder.ts', {}, [name, redis.url, 'bench'])
    await survivor.add(1)
    await holder.line(/holding/)
    const back = Promise.withResolvers<void>()
    const stop = await survivor.work(1, async () => back.resolve())
    await sleep(1000 + round * 5000)
    await holder.kill9()
    const killedAt = performance.now()
    await back.promise
    const seconds = (performance.now() - killedAt) / 1000
    await stop()
    await survivor.close()
    await redis.stop()
    return seconds
  }
}

/** From the moment when Redis answers again to the first line of a job that is added then, over a new connection. */
function reconnect(name: Name) {
  return async (): Promise<number> => {
    const redis = await startRedis({ appendfsync: 'everysec' })
    const contender = await open[name](redis.url, 'bench')
    let ran = Promise.withResolvers<void>()
    const stop = await contender.work(10, async () => ran.resolve())
    await contender.add(1)
    await ran.promise
    ran = Promise.withResolvers()
    await redis.kill9()
    await sleep(outageMs)
    await redis.restart()
    const backAt = performance.now()
    const adder = await open[name](redis.url, 'bench')
    await adder.add(2)
    await ran.promise
    const seconds = (performance.now() - backAt) / 1000
    await stop()
    await Promise.all([adder.close(), contender.close()])
    await redis.stop()
    return seconds
  }
}

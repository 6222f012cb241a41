// What a worker and the web process hold while whole reviews go through them: webhook, checks, model, posting. The model answers at
// once; everything is a process of its own, on real Redis and Postgres.
import { readFileSync } from 'node:fs'
import { reviewFirstAddedLine } from '../test/support/model/reviewer.ts'
import { Plumbline } from '../test/support/plumbline.ts'
import { startPostgres } from '../test/support/servers/postgres.ts'
import { review, unhurried } from './reviews.ts'
import { bar, table } from './rounds.ts'

const batch = 200
const batches = 5
/** Until then V8 takes what it is going to keep. */
const warm = 3

export async function benchWholeMemory(): Promise<void> {
  const postgres = await startPostgres()
  const plumbline = await Plumbline.start(postgres.url)
  try {
    plumbline.model.play(reviewFirstAddedLine)
    const web = await plumbline.web()
    const worker = await plumbline.worker({ ...unhurried, WORKER_CONCURRENCY: '2' })
    const held: { worker: number; web: number }[] = []
    while (held.length < batches) {
      await review(plumbline, batch)
      held.push({ worker: residentMiB(worker.pid), web: residentMiB(web.pid) })
    }
    report(held)
  } finally {
    await plumbline.close()
    await postgres.stop()
  }
}

function report(held: { worker: number; web: number }[]): void {
  const rows = held.map(({ web, worker }, index) => [String((index + 1) * batch), worker.toFixed(0), web.toFixed(0)])
  table(['whole reviews', 'worker, resident MiB', 'web, resident MiB'], rows)
  const [first, last] = [held[warm - 1], held.at(-1)]
  if (!first || !last) throw new Error('nothing was measured')
  bar(`worker after ${batch * batches} whole reviews / after ${batch * warm}`, last.worker / first.worker, {
    atMost: 1.1,
  })
  bar(`web after ${batch * batches} whole reviews / after ${batch * warm}`, last.web / first.web, { atMost: 1.1 })
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

// `npm run bench`: the queue and the webhook route against what people would otherwise take, in one run, on real Redis and Postgres.
// An absolute figure says what this machine is; the ratios are what counts. `--only queue` runs one part, `--rounds 7` more rounds.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchMemory } from './memory.ts'
import { benchOutage } from './outage.ts'
import { benchQueue } from './queue.ts'
import { benchRecord } from './record.ts'
import { benchWebhook } from './webhook.ts'
import { benchWholeMemory } from './whole-memory.ts'
import { benchWorkers } from './workers.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '10000' },
    only: { type: 'string' },
  },
})
const [rounds, jobs] = [Number(values.rounds), Number(values.jobs)]

const parts: Record<string, () => Promise<void>> = {
  queue: () => benchQueue({ rounds, jobs }),
  record: () => benchRecord(rounds),
  webhook: () => benchWebhook(rounds),
  outage: () => benchOutage(rounds),
  workers: benchWorkers,
  memory: benchMemory,
  whole: benchWholeMemory,
}

console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${rounds} rounds after one to warm up.`)
console.log('Median over the rounds (lowest-highest).')
for (const [name, run] of Object.entries(parts)) if (values.only === undefined || values.only === name) await run()

// A worker that ends 2,000 reviews to warm up, then 10,000, and says after each 2,000 what it holds: `node --expose-gc bench/memory-worker.ts <database> <redis>`.
import { openPostgres } from '../src/store/database.ts'
import { quiet } from './contenders.ts'
import { openReviewWorker } from './record.ts'

const [databaseUrl = '', redisUrl = ''] = process.argv.slice(2)
const db = openPostgres({ url: databaseUrl, max: 10, statementTimeoutMs: 10_000, log: quiet })
const worker = await openReviewWorker(db, redisUrl)
for (let batch = 0; batch <= 5; batch++) {
  const runAll = await worker.prepare(2000)
  await runAll()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  if (batch > 0) console.log(JSON.stringify({ reviews: batch * 2000, heapUsed, rss }))
}
await worker.close()
await db.close()

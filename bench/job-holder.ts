// A worker that takes a job and never ends it, to be killed: `node bench/job-holder.ts ours|bullmq <redis url> <queue>`.
import { openBullMq, openOurs } from './contenders.ts'

const [kind, url = '', name = ''] = process.argv.slice(2)
const contender = await (kind === 'bullmq' ? openBullMq : openOurs)(url, name)
await contender.work(1, () => {
  console.log('holding')
  return new Promise(() => undefined)
})

import { clock, createScript, forget, groupOf, ownership } from './script.ts'

/**
 * Lets go of an entry at once. When nothing waits on the stream its job is added anew, and a reader that waits for something new is
 * given it. Behind all that does wait it would be late: then it is due now, for whoever next looks for what is due.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4 job. ARGV 1 group, 2 consumer, 3 entry id, 4 epoch or '', 5 job id.
 * Answers 1 handed back, 0 not ours any more.
 * One step: between XACK and XADD the job would be nowhere, and a second entry of it could be added.
 */
export const handBack = createScript(`${ownership}${groupOf}${clock}${forget}
local id = ARGV[3]
local mine = owns(id, ARGV[4])
-- Pending for nobody, though it was read: somebody deleted its consumer, and nobody would ever read it. A due row is enqueued anew.
if mine == nil then forget(id, KEYS[4]) end
if not mine then return 0 end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if newest and after(newest[1], groupOf()['last-delivered-id']) then
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZADD', KEYS[3], now, id)
  return 1
end
forget(id, KEYS[4])
if redis.call('EXISTS', KEYS[4]) == 0 then redis.call('SET', KEYS[4], redis.call('XADD', KEYS[1], '*', 'job', ARGV[5])) end
return 1
`)

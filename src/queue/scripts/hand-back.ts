import { createScript, ownership } from './script.ts'

/**
 * Lets go of an entry: its job goes on the stream anew, where a reader that waits is given it at once. A pending entry would
 * wait until somebody looks for what may be taken over.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4 job. ARGV 1 group, 2 consumer, 3 entry id, 4 epoch or '', 5 job id.
 * Answers 1 handed back, 0 not ours any more.
 * One step: between XACK and XADD the job would be nowhere, and a second entry of it could be added.
 */
export const handBack = createScript(`${ownership}
local id = ARGV[3]
if not owns(id, ARGV[4]) then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], id)
redis.call('XDEL', KEYS[1], id)
redis.call('HDEL', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
redis.call('SET', KEYS[4], redis.call('XADD', KEYS[1], '*', 'job', ARGV[5]))
return 1
`)

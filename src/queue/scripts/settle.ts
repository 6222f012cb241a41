import { createScript, ownership } from './script.ts'

/**
 * Removes an entry for good, with everything that is noted about it.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4 the job's. ARGV 1 group, 2 consumer, 3 entry id, 4 epoch or ''.
 * Answers 1 settled, 0 not ours any more.
 * One step: an owner who lost the entry between the look and XACK would take it away from the new one. And XACK without
 * XDEL would leave an entry that counts as present for `enqueue` and is never read.
 */
export const settle = createScript(`${ownership}
if not owns(ARGV[3], ARGV[4]) then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
redis.call('HDEL', KEYS[2], ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[3])
if redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('DEL', KEYS[4]) end
return 1
`)

import { clock, createScript, ownership } from './script.ts'

/**
 * Lets go of an entry until a time: it stays pending, without an epoch, and anybody may take it over once it is due.
 *
 * KEYS 1 stream, 2 epochs, 3 due. ARGV 1 group, 2 consumer, 3 entry id, 4 epoch or '', 5 delay in ms.
 * Answers 1 postponed, 0 not ours any more.
 * One step: a due time written after the entry changed hands would let a third consumer take it from its new owner.
 */
export const postpone = createScript(`${ownership}${clock}
if not owns(ARGV[3], ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[5]), ARGV[3])
redis.call('HDEL', KEYS[2], ARGV[3])
return 1
`)

import { createScript, ownership } from './script.ts'

/**
 * Records the epoch under which the consumer runs the entry. The recorded epoch only grows: of two claims by one consumer (it
 * took its own entry over after a long pause) the older one is refused.
 *
 * KEYS 1 stream, 2 epochs. ARGV 1 group, 2 consumer, 3 entry id, 4 epoch. Answers 1 held, 0 not ours.
 * One step: between the look and the write another consumer could take the entry over, and would find our epoch on it.
 */
export const hold = createScript(`${ownership}
local row = pending(ARGV[3])
if not row or row[2] ~= ARGV[2] then return 0 end
if tonumber(redis.call('HGET', KEYS[2], ARGV[3]) or 0) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
return 1
`)

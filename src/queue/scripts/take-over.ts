import { clock, createScript, ownership } from './script.ts'

/**
 * Makes one entry the consumer's if it is due, or idle for a lease and without a due time. The former owner's epoch and the
 * due time go in the same step. What is left of an entry that is not on the stream any more is cleared away.
 *
 * KEYS 1 stream, 2 epochs, 3 due. ARGV 1 group, 2 consumer, 3 entry id, 4 lease in ms.
 * Answers the entry as XCLAIM does, `{id, {field, value, …}}`, or nil.
 * One step: of many workers who see the same entry only the first may have it, and its former owner's epoch must not be
 * found on it for a moment longer. XCLAIM's own minimum of idle time would not do: it knows no due times.
 */
export const takeOver = createScript(`${ownership}${clock}
local id = ARGV[3]
local row = pending(id)
local entry
if row then
  local due = redis.call('ZSCORE', KEYS[3], id)
  if due and tonumber(due) > now then return nil end
  if not due and row[3] < tonumber(ARGV[4]) then return nil end
  entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id)[1]
  if not entry then redis.call('XACK', KEYS[1], ARGV[1], id) end
end
redis.call('HDEL', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
return entry
`)

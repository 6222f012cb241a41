import type { Entry, Lease } from '../queue.ts'
import { createScript, ownership } from './script.ts'

/** What a worker has to say in one turn of its event loop. */
export interface Turn {
  settle: (Entry | Lease)[]
  hold: Lease[]
  /** So many new entries. */
  take: number
}

/** For each, in order: 1 done, 0 not ours any more. */
export interface TurnAnswer {
  settled: number[]
  held: number[]
  /** A text is what Redis complained of. */
  taken: RawEntry[] | string
}

/** Id and fields: name, value, name, value. */
export type RawEntry = [id: string, fields: string[] | null]

/**
 * Settles entries (removes them for good, with everything that is noted about them), holds entries (records the epoch under which
 * the consumer runs them), and takes new ones.
 *
 * A recorded epoch only grows: of two claims by one consumer (it took its own entry over after a long pause) the older one is
 * refused.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4… the jobs of the entries to settle, in order. ARGV 1 group, 2 consumer, 3 how many to take, then
 * entry id and epoch ('' for none) in turn: first those to settle, then those to hold.
 * Answers {1 settled or 0 not ours any more, …}, {1 held or 0 not ours, …} in the same order, and the new entries as XREADGROUP gives
 * them, or what it complained of.
 * One step: an owner who lost the entry between the look and the change would take it away from the new one, or leave its epoch
 * on it; and XACK without XDEL would leave an entry that counts as present for `enqueue` and is never read. All of it
 * together only because a round trip costs more than what is done here.
 */
export const turn = createScript(`${ownership}
local settles, settled, gone = #KEYS - 3, {}, {}
for n = 1, settles do
  local id, job = ARGV[2 + 2 * n], KEYS[3 + n]
  local mine = owns(id, ARGV[3 + 2 * n])
  if mine then
    gone[#gone + 1] = id
    if redis.call('GET', job) == id then redis.call('DEL', job) end
  end
  settled[n] = mine and 1 or 0
end
if #gone > 0 then
  redis.call('XACK', KEYS[1], ARGV[1], unpack(gone))
  redis.call('XDEL', KEYS[1], unpack(gone))
  redis.call('HDEL', KEYS[2], unpack(gone))
  redis.call('ZREM', KEYS[3], unpack(gone))
end

local function hold(id, epoch)
  local row = pending(id)
  if not row or row[2] ~= ARGV[2] then return 0 end
  if tonumber(redis.call('HGET', KEYS[2], id) or 0) >= tonumber(epoch) then return 0 end
  redis.call('HSET', KEYS[2], id, epoch)
  return 1
end
local held = {}
for i = 4 + 2 * settles, #ARGV, 2 do held[#held + 1] = hold(ARGV[i], ARGV[i + 1]) end

local function take(count)
  if count == '0' then return {} end
  local reply = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', count, 'STREAMS', KEYS[1], '>')
  return reply and (reply.err or reply[1][2]) or {}
end
return {settled, held, take(ARGV[3])}
`)

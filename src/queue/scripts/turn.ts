import type { Entry, Lease } from '../queue.ts'
import { createScript, forget, ownership } from './script.ts'

/** What a worker says in one turn of its event loop, in order. */
export type Turn = { item: Entry | Lease; what: 'hold' | 'settle' }[]

/**
 * Holds entries (records the epoch under which the consumer runs them), settles entries (removes them for good, with everything
 * that is noted about them), in the order in which it is said.
 *
 * A recorded epoch only grows: of two claims by one consumer (it took its own entry over after a long pause) the older one is
 * refused.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4… the entries' jobs, in order. ARGV 1 group, 2 consumer, then of each its entry id, its epoch
 * ('' for none) and what is said. Answers nothing when all of it was done; else for each, in order, 'mine' (done), 'lost' or 'gone'.
 * One step: an owner who lost the entry between the look and the change would take it away from the new one, or leave its epoch
 * on it; and XACK without XDEL would leave an entry that counts as present for `enqueue` and is never read. All of it
 * together, and most commands once for all entries, only because a round trip and a command cost more than what they do.
 */
export const turn = createScript(`${ownership}${forget}
local ids = {}
for i = 3, #ARGV, 3 do ids[#ids + 1] = ARGV[i] end

-- What was read together is found together; what is not among it is asked for by itself.
local mine, recorded = {}, {}
local rows = redis.pcall('XPENDING', KEYS[1], ARGV[1], ids[1], ids[#ids], #ids, ARGV[2])
for _, row in ipairs(unlessNoGroup(rows)) do mine[row[1]] = true end
local function isMine(id)
  if mine[id] == nil then mine[id] = (pending(id) or {})[2] == ARGV[2] end
  return mine[id]
end
for i, epoch in ipairs(redis.call('HMGET', KEYS[2], unpack(ids))) do recorded[ids[i]] = epoch or '' end
local known = redis.call('MGET', unpack(KEYS, 4))

local answers, refused, held, gone, jobs = {}, {}, {}, {}, {}
for i, id in ipairs(ids) do
  local epoch, what = ARGV[3 * i + 1], ARGV[3 * i + 2]
  local fits = recorded[id] == epoch
  if what == 'hold' then fits = tonumber(epoch) > (tonumber(recorded[id]) or 0) end
  answers[i] = 'mine'
  if not (fits and isMine(id)) then
    refused[#refused + 1] = i
  elseif what == 'hold' then
    recorded[id], held[id] = epoch, epoch
  else
    mine[id], held[id] = false, nil
    gone[#gone + 1] = id
    if known[i] == id then jobs[#jobs + 1] = KEYS[3 + i] end
  end
end
-- First what frees memory: a full Redis refuses what comes first if it is an addition.
if #jobs > 0 then redis.call('DEL', unpack(jobs)) end
if #gone > 0 then
  redis.call('XACK', KEYS[1], ARGV[1], unpack(gone))
  redis.call('XDEL', KEYS[1], unpack(gone))
  redis.call('HDEL', KEYS[2], unpack(gone))
  redis.call('ZREM', KEYS[3], unpack(gone))
end
for id, epoch in pairs(held) do redis.call('HSET', KEYS[2], id, epoch) end
if #refused == 0 then return {} end
for _, i in ipairs(refused) do
  answers[i] = pending(ids[i]) and 'lost' or 'gone'
  -- Read, and pending for nobody: somebody deleted its consumer. Nobody would ever read it.
  if answers[i] == 'gone' and ARGV[3 * i + 2] == 'settle' then forget(ids[i], KEYS[3 + i]) end
end
return answers
`)

import type { Entry, Lease, Ownership } from '../queue.ts'
import { createScript, ownership } from './script.ts'

/** What a worker has to say about its entries in one turn of its event loop. */
export interface Turn {
  settle: (Entry | Lease)[]
  hold: Lease[]
}

/** For each, in order. */
export interface TurnAnswer {
  /** 1 done, 0 not ours any more. */
  settled: number[]
  held: Ownership[]
}

/**
 * Holds entries (records the epoch under which the consumer runs them), and settles entries (removes them for good, with everything
 * that is noted about them). What is held may be settled in the same step.
 *
 * A recorded epoch only grows: of two claims by one consumer (it took its own entry over after a long pause) the older one is
 * refused.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4… the jobs of the entries to settle, in order. ARGV 1 group, 2 consumer, then entry id and epoch
 * ('' for none) in turn: first those to settle, then those to hold.
 * Answers for each in the same order: 1 settled or 0 not ours any more; 'mine', 'lost' or 'gone' for what was to be held.
 * One step: an owner who lost the entry between the look and the change would take it away from the new one, or leave its epoch
 * on it; and XACK without XDEL would leave an entry that counts as present for `enqueue` and is never read. All of it
 * together, and each command once for all entries, only because a round trip and a command cost more than what they do.
 */
export const turn = createScript(`${ownership}
local settles = #KEYS - 3
local ids, epochs, done = {}, {}, {}
for i = 3, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
  epochs[#ids] = ARGV[i + 1]
end

-- As many as I run, and those that I have postponed: with many of these, each is asked for.
local function pendingForMe()
  local most, mine = 16 + 4 * #ids, {}
  local rows = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', most, ARGV[2])
  for _, row in ipairs(unlessNoGroup(rows)) do mine[row[1]] = true end
  if #rows < most then return mine end
  for _, id in ipairs(ids) do mine[id] = (pending(id) or {})[2] == ARGV[2] end
  return mine
end
local mine, recorded = pendingForMe(), {}
for i, epoch in ipairs(redis.call('HMGET', KEYS[2], unpack(ids))) do recorded[ids[i]] = epoch or '' end

local held = {}
for i = settles + 1, #ids do
  local id = ids[i]
  if mine[id] and tonumber(epochs[i]) > (tonumber(recorded[id]) or 0) then
    done[i], recorded[id], held[id] = 'mine', epochs[i], epochs[i]
  else
    done[i] = pending(id) and 'lost' or 'gone'
  end
end

local function settle()
  local gone, jobs = {}, {}
  local known = redis.call('MGET', unpack(KEYS, 4))
  for i = 1, settles do
    local id = ids[i]
    done[i] = mine[id] and recorded[id] == epochs[i] and 1 or 0
    if done[i] == 1 then
      gone[#gone + 1], held[id] = id, nil
      if known[i] == id then jobs[#jobs + 1] = KEYS[3 + i] end
    end
  end
  if #jobs > 0 then redis.call('DEL', unpack(jobs)) end
  if #gone == 0 then return end
  redis.call('XACK', KEYS[1], ARGV[1], unpack(gone))
  redis.call('XDEL', KEYS[1], unpack(gone))
  redis.call('HDEL', KEYS[2], unpack(gone))
  redis.call('ZREM', KEYS[3], unpack(gone))
end
-- First what frees memory: a full Redis refuses what comes first if it is an addition.
if settles > 0 then settle() end
for id, epoch in pairs(held) do redis.call('HSET', KEYS[2], id, epoch) end
return done
`)

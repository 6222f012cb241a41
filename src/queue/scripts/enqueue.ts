import { clock, createScript, forget, groupOf, ownership } from './script.ts'

/**
 * Puts jobs on the stream, each unless its entry is there and will be seen: pending, or newer than what the group was last given.
 * An entry that is neither was delivered and then forgotten (its consumer was deleted, its group was made anew past it):
 * nobody would ever read it, so it is replaced. One that was put off for more than a minute from now is due: a person cancelled its
 * job meanwhile, and wants it again.
 *
 * KEYS 1 stream, 2 epochs, 3 due, 4… the jobs', in order. ARGV 1 group, then the job ids. Answers for each, in order: 1 added,
 * 0 present.
 * One step: two who enqueue at once, or one whose reply was lost and who asks again, would add two entries.
 */
export const enqueue = createScript(`${ownership}${groupOf}${forget}${clock}
local function unread(id)
  local group = groupOf()
  return not group or after(id, group['last-delivered-id'])
end
local function add(key, jobId)
  local known = redis.call('GET', key)
  if known then
    local there = #redis.call('XRANGE', KEYS[1], known, known) > 0
    if there and (pending(known) or unread(known)) then
      if tonumber(redis.call('ZSCORE', KEYS[3], known) or 0) > now + 60000 then redis.call('ZADD', KEYS[3], now, known) end
      return 0
    end
    forget(known, key)
  end
  redis.call('SET', key, redis.call('XADD', KEYS[1], '*', 'job', jobId))
  return 1
end
local answers = {}
for i = 2, #ARGV do answers[i - 1] = add(KEYS[i + 2], ARGV[i]) end
return answers
`)

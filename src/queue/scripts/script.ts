// Lua inside Redis: nothing else runs between its first and its last command. Redis 6.2 commands only.
//
// All scripts count the same way:
//   KEYS  1 stream   2 epochs   3 due   4 job (where one is needed)
//   ARGV  1 group    2 consumer, as far as they need one; then what each says.
// Time is Redis's own (`TIME`): the workers' clocks need not agree.
import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

export interface Script {
  lua: string
  sha1: string
}

export function createScript(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') }
}

/** EVALSHA; EVAL when this Redis does not know the script (yet, or after a restart). */
export async function runScript(
  client: Redis,
  script: Script,
  { args, keys }: { keys: string[]; args: (string | number)[] },
): Promise<unknown> {
  try {
    return await client.evalsha(script.sha1, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return client.eval(script.lua, keys.length, ...keys, ...args)
  }
}

/**
 * For the start of a script. `pending(id)`: the entry's row `{id, consumer, idle ms, deliveries}`, or nil when it is pending
 * for nobody, or the group or the stream is gone. `owns(id, epoch)`: whether it is pending for ARGV[2] and recorded under
 * just this epoch ('' for none), or nil as before. Redis itself asks no owner: XACK and XCLAIM work for anybody.
 */
export const ownership = `
local function unlessNoGroup(rows)
  if not rows.err then return rows end
  if string.find(rows.err, 'NOGROUP', 1, true) then return {} end
  error(rows.err)
end
local function pending(id)
  return unlessNoGroup(redis.pcall('XPENDING', KEYS[1], ARGV[1], id, id, 1))[1]
end
local function owns(id, epoch)
  local row = pending(id)
  if not row then return nil end
  return row[2] == ARGV[2] and (redis.call('HGET', KEYS[2], id) or '') == epoch
end
`

/** For the start of a script. `forget(id, job key)`: removes an entry, if it is there, with everything that is noted about it. */
export const forget = `
local function forget(id, job)
  redis.call('XACK', KEYS[1], ARGV[1], id)
  redis.call('XDEL', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
  if redis.call('GET', job) == id then redis.call('DEL', job) end
end
`

/** For the start of a script. `after(a, b)`: of two entry ids. `groupOf()`: the fields of the group, or nil when there is none. */
export const groupOf = `
local function after(a, b)
  local aMs, aSeq = string.match(a, '(%d+)-(%d+)')
  local bMs, bSeq = string.match(b, '(%d+)-(%d+)')
  if aMs ~= bMs then return tonumber(aMs) > tonumber(bMs) end
  return tonumber(aSeq) > tonumber(bSeq)
end
local function groupOf()
  for _, fields in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for i = 1, #fields, 2 do group[fields[i]] = fields[i + 1] end
    if group['name'] == ARGV[1] then return group end
  end
end
`

/** For the start of a script: Redis's time as `now`, in ms since 1970. */
export const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

import { clock, createScript, groupOf } from './script.ts'

/**
 * KEYS 1 stream, 2 epochs, 3 due. ARGV 1 group, 2 how many that wait are counted at most.
 * Answers how many entries there are, how many wait to be read, are pending, and are due later.
 * One step: an entry that is read or settled meanwhile would count twice, or not at all.
 */
export const depth = createScript(`${groupOf}${clock}
if redis.call('EXISTS', KEYS[1]) == 0 then return {0, 0, 0, 0} end
local group = groupOf()
local unread = group and '(' .. group['last-delivered-id'] or '-'
return {
  redis.call('XLEN', KEYS[1]),
  #redis.call('XRANGE', KEYS[1], unread, '+', 'COUNT', ARGV[2]),
  group and group['pending'] or 0,
  redis.call('ZCOUNT', KEYS[3], now + 1, '+inf'),
}
`)

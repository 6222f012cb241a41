import { createScript, ownership } from './script.ts'

/**
 * Sets the idle time of entries back to 0 where they are still the owner's. JUSTID leaves the delivery counter alone.
 *
 * KEYS 1 stream, 2 epochs. ARGV 1 group, 2 consumer, then entry id and epoch ('' before one is recorded) in turn.
 * Answers for each, in order: 'mine', 'lost' (another consumer or epoch), 'gone' (pending for nobody).
 * One step: XCLAIM without the look before it would steal the entry back from whoever took it over meanwhile.
 */
export const extend = createScript(`${ownership}
local answers = {}
for i = 3, #ARGV, 2 do
  local mine = owns(ARGV[i], ARGV[i + 1])
  if mine then
    mine = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')[1]
  end
  answers[#answers + 1] = mine and 'mine' or mine == nil and 'gone' or 'lost'
end
return answers
`)

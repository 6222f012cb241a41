import { createScript } from './script.ts'

/**
 * Deletes consumers of the group that have nothing pending: the named one, and those unheard of for long. Names are random
 * per process, so they would pile up. A live one that is deleted by mistake comes back with its next read.
 *
 * KEYS 1 stream. ARGV 1 group, 2 consumer or '', 3 idle ms from which any other one goes. Answers how many went.
 * One step: XGROUP DELCONSUMER destroys what is pending for the consumer, and something could become so after the look.
 */
export const forgetConsumers = createScript(`
local rows = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if rows.err then return 0 end
local gone = 0
for _, fields in ipairs(rows) do
  local consumer = {}
  for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
  local idle = consumer['idle'] > tonumber(ARGV[3])
  if consumer['pending'] == 0 and (consumer['name'] == ARGV[2] or idle) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    gone = gone + 1
  end
end
return gone
`)

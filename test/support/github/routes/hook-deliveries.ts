// https://docs.github.com/en/rest/apps/webhooks
import { deliveryJson } from '../hooks.ts'
import { type Reply, notFound } from '../reply.ts'
import type { Call, Route } from '../route.ts'

const path = '/app/hook/deliveries'

export const hookDeliveryRoutes: Route[] = [
  { method: 'GET', template: path, needs: 'app', answer: list },
  { method: 'POST', template: `${path}/{delivery_id}/attempts`, needs: 'app', answer: redeliver },
]

/** Newest first, and by cursor: deliveries come in while the pages are read. */
function list(call: Call): Reply {
  const query = call.url.searchParams
  const perPage = Math.min(Number(query.get('per_page') ?? 30), 100)
  const before = Number(query.get('cursor')?.replace(/^v1_/, '') ?? Infinity)
  const older = call.world.hooks.records.filter((one) => one.id < before).toReversed()
  const shown = older.slice(0, perPage)
  const last = shown.at(-1)
  const more = older.length > shown.length && last !== undefined
  const next = new URL(call.url)
  next.searchParams.set('cursor', `v1_${String(last?.id)}`)
  return { status: 200, body: shown.map(deliveryJson), headers: more ? { link: `<${next.href}>; rel="next"` } : {} }
}

function redeliver(call: Call): Reply {
  const known = call.world.hooks.redeliver(Number(call.parameters['delivery_id']))
  if (!known) throw notFound()
  return { status: 202, body: {} }
}

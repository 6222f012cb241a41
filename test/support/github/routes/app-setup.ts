// How an App comes to be and where its deliveries go.
// https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
import { appJson, fromExample, hosts } from '../json.ts'
import { type Reply, notFound } from '../reply.ts'
import type { Call, Route } from '../route.ts'

export const appSetupRoutes: Route[] = [
  { method: 'POST', template: '/app-manifests/{code}/conversions', needs: 'anyone', answer: convert },
  { method: 'GET', template: '/app/hook/config', needs: 'app', answer: getHookConfig },
]

const conversion = { method: 'POST', path: '/app-manifests/{code}/conversions', status: 201 }

/** A code works once. */
function convert(call: Call): Reply {
  const { app, manifestCodes } = call.world
  if (!manifestCodes.delete(call.parameters['code'] ?? '')) throw notFound()
  const secrets = { webhook_secret: app.webhookSecret, pem: app.privateKey }
  const made = {
    ...fromExample(conversion, hosts(call.url.origin)),
    ...appJson(call.world, call.url.origin),
    ...secrets,
  }
  return { status: 201, body: made }
}

function getHookConfig({ world }: Call): Reply {
  const { target } = world.hooks
  const url = target ? { url: target.url } : {}
  return { status: 200, body: { content_type: 'json', insecure_ssl: '0', secret: '********', ...url } }
}

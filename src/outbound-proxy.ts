// The way out through a corporate proxy. Every request of ours is made by Node's own `fetch`, so one switch turns them all;
// git, which fetches repositories, is told by its environment.
// https://nodejs.org/docs/latest-v24.x/api/http.html#built-in-proxy-support
import * as nodeHttp from 'node:http'
import type { Environment } from './config.ts'

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const

type ProxySettings = Partial<Record<(typeof names)[number], string>>

function proxySettings(env: Environment): ProxySettings | undefined {
  const [http, https, without] = names.map((name) => env[name.toLowerCase()] || env[name])
  if (http === undefined && https === undefined) return undefined
  return {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [without, 'localhost', '127.0.0.1', '[::1]'].filter(Boolean).join(','),
  }
}

/**
 * All of the environment that git gets: where programs are, and the same way out. Lower case, because git's own client obeys
 * `http_proxy` in no other form. https://curl.se/docs/manpage.html#ENVIRONMENT
 */
export function gitEnvironment(env: Environment): Record<string, string> {
  const proxy = Object.entries(proxySettings(env) ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return { PATH: env['PATH'] ?? '', ...Object.fromEntries(proxy) }
}

/**
 * Makes `fetch` keep to HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or not, from the environment or from `.env`. This
 * machine is never asked for through a proxy. For the entries, before the first request. Throws an `Error` with a sentence
 * when a proxy's URL is none.
 */
export function followProxySettings(env: Environment): void {
  const settings = proxySettings(env)
  if (settings === undefined) return
  // Older ones would start, and then ask nobody's leave to go around the proxy.
  if (!('setGlobalProxyFromEnv' in nodeHttp)) throw new Error('HTTPS_PROXY needs Node 24.14 or newer')
  try {
    nodeHttp.setGlobalProxyFromEnv(settings)
  } catch (cause) {
    throw new Error('HTTP_PROXY or HTTPS_PROXY is not the URL of a proxy, such as http://proxy.example.com:3128', {
      cause,
    })
  }
}

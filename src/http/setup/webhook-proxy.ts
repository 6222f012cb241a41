import type { Log } from '../../jobs/ports.ts'

export interface WebhookProxyOptions {
  /** A smee.io channel. */
  source: string
  /** Our own webhook route. */
  target: string
  log: Log
}

/**
 * For development: brings the deliveries of a smee.io channel to this machine. The channel writes each body anew, so one in
 * which GitHub escaped a character that JSON need not escape loses its signature and is refused; and everybody who knows the
 * channel can read along. Answers how to stop.
 */
export async function startWebhookProxy({ log, source, target }: WebhookProxyOptions): Promise<() => Promise<void>> {
  // Loaded when wanted: it brings an HTTP client of its own.
  const { SmeeClient } = await import('smee-client')
  const logger = { info: ignore, error: () => log.warn({}, 'the webhook proxy met an error') }
  const client = new SmeeClient({ source, target, logger, fetch: fetchAsOthersDo })
  log.warn({ target }, 'deliveries come through WEBHOOK_PROXY_URL, which is for development')
  // Rejects with the first failure, and goes on trying all the same.
  client.start().catch(() => log.warn({}, 'WEBHOOK_PROXY_URL does not answer yet'))
  return () => client.stop()
}

const ignore = (): void => undefined

/** Its own client would ask a corporate proxy even for the way to this machine. */
function fetchAsOthersDo(
  url: string | URL,
  init: RequestInit & { dispatcher?: unknown; mode?: unknown },
): Promise<Response> {
  const { dispatcher: _1, mode: _2, ...rest } = init
  return fetch(url, rest)
}

// The one way out to GitHub: `fetch`, bound to one host.
//
// What must always hold: no URL from a payload or from a reply decides which host is asked, because every request
// carries a token.

/**
 * GitHub ends a request itself after 10 s; twice that leaves room for a slow line.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts
 */
const timeoutMs = 20_000
/** https://docs.github.com/en/rest/about-the-rest-api/api-versions */
const apiVersion = '2022-11-28'
const redirects = new Set([301, 302, 307, 308])
const maxRedirects = 3

/**
 * Repeats a redirected request as it was, as GitHub asks for (a renamed repository answers so), but only on the host of
 * `apiUrl`. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 * Rejects with a `TimeoutError` when headers and body are not there in time.
 */
export function createGitHubFetch(apiUrl: string): typeof fetch {
  const { origin } = new URL(apiUrl)
  return async (input, init = {}) => {
    const signal = withTimeout(init.signal)
    const headers = new Headers(init.headers)
    headers.set('x-github-api-version', apiVersion)
    let url = new URL(input instanceof Request ? input.url : input)
    for (let hops = 0; ; hops++) {
      if (url.origin !== origin) throw new Error(`a request to ${url.host} was stopped: GitHub's API is at ${origin}`)
      const reply = await fetch(url, { ...init, headers, signal, redirect: 'manual' })
      const location = redirects.has(reply.status) ? reply.headers.get('location') : null
      if (location === null) return reply
      if (hops === maxRedirects) throw new Error('GitHub redirected the request too often')
      await reply.body?.cancel()
      url = new URL(location, url)
    }
  }
}

function withTimeout(signal: AbortSignal | null | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}

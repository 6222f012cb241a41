/**
 * True for this machine's own addresses and names: `127.0.0.0/8`, `::1`, IPv4 written as IPv6, `localhost` and what is
 * under it. https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 * `host` is an address or a host name without a port; an IPv6 address may stand in brackets.
 */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:/, '')
  if (name === '::1' || name === 'localhost' || name.endsWith('.localhost')) return true
  return /^127(\.\d{1,3}){3}$/.test(name)
}

import { parseDuration } from './duration.ts'

/** Max-Age is in seconds. https://www.rfc-editor.org/rfc/rfc6265#section-5.2.2 */
export function sessionCookie(id: string, lifetime: string): string {
  const maxAge = parseDuration(lifetime)
  return `session=${id}; Max-Age=${maxAge}; Path=/; HttpOnly; Secure; SameSite=Lax`
}

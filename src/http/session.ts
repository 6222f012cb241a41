// The one password of the dashboard, and the sessions it opens. Nothing is stored: a session is a signed end date.
import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto'

export interface SessionOptions {
  password: string
  /** Signs sessions together with the password. Without it, the password alone does. */
  secret: string | undefined
  /** Milliseconds since 1970. */
  now(): number
}

export interface Sessions {
  /** Compares in constant time. `too-many`: this peer was wrong too often and is not compared at all for a while. */
  attempt(peer: string, password: string): 'right' | 'wrong' | 'too-many'
  /** The value for the cookie. */
  open(): string
  isValid(session: string): boolean
}

export const sessionSeconds = 7 * 24 * 3600

/** Ten tries a minute are enough for typing errors; behind a proxy, all its users share them. */
const wrongPerMinute = 10
/** Peers remembered at once. When they are more, all are forgiven: memory counts more than a tenth of a minute. */
const maxPeers = 10_000

/** A new password or secret ends all sessions: both are in the key. */
export function createSessions({ now, password, secret }: SessionOptions): Sessions {
  // Slow to derive, so that a stolen cookie does not let its thief try passwords quickly.
  const key = scryptSync(password, `plumbline session ${secret ?? ''}`, 32)
  const mac = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const expected = mac(password)
  const wrong = new Map<string, { count: number; until: number }>()

  function noteWrong(peer: string): void {
    const noted = wrong.get(peer)
    if (noted && noted.until > now()) return void noted.count++
    if (wrong.size >= maxPeers) wrong.clear()
    wrong.set(peer, { count: 1, until: now() + 60_000 })
  }

  return {
    attempt(peer, given) {
      const noted = wrong.get(peer)
      if (noted && noted.until > now() && noted.count >= wrongPerMinute) return 'too-many'
      // MACs have one length, so the comparison says nothing of the password's.
      if (timingSafeEqual(mac(given), expected)) return 'right'
      noteWrong(peer)
      return 'wrong'
    },
    open() {
      const until = String(Math.floor(now() / 1000) + sessionSeconds)
      return `${until}.${mac(`until ${until}`).toString('base64url')}`
    },
    isValid(session) {
      const [until = '', signature = ''] = session.split('.')
      const given = Buffer.from(signature, 'base64url')
      const right = mac(`until ${until}`)
      return given.length === right.length && timingSafeEqual(given, right) && Number(until) * 1000 > now()
    },
  }
}

export interface Preferences {
  /** People who do not want to be mailed. */
  muted: boolean
  language: string
}

export interface Message {
  subject: string
  urgent: boolean
}

export function shouldMail(preferences: Preferences, message: Message): boolean {
  if (message.urgent) return true
  return !preferences.muted
}

export function shouldSummarise(preferences: Preferences, unread: number): boolean {
  if (preferences.muted) return false
  return unread >= 5
}

export function describe(preferences: Preferences): string {
  return preferences.muted ? 'No mail' : 'Mail for everything'
}

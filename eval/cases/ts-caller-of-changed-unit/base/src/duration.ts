const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `90s`, `15m`, `2h`, `7d`, in seconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+)([smhd])$/.exec(text.trim())
  if (!match) throw new TypeError(`not a duration: ${text}`)
  const [, amount = '', unit = ''] = match
  return Number(amount) * (units[unit] ?? 1)
}

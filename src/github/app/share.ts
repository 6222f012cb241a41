import { ParkedError } from '../../review/errors.ts'

/** Of an installation's requests, those that something in the background may use. */
export interface Share {
  isUsedUp(): boolean
  /** Takes one. Throws `ParkedError` when the share is used up, or when the rest is needed more elsewhere. */
  take(): void
  /** GitHub's headers of an answer. */
  note(headers: Readonly<Record<string, unknown>>): void
}

/** What GitHub allows an installation at least. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const fewestAnHour = 5_000

/** Whoever has used so much of the hour's requests already is busy: the background can wait for the next hour. */
const busy = 0.5

/** `part` of the hour's requests, whatever was used before. */
export function createShare(part: number): Share {
  let limit = fewestAnHour
  let remaining = Infinity
  let taken = 0
  const isUsedUp = (): boolean => taken >= limit * part || remaining < limit * busy
  return {
    isUsedUp,
    take() {
      if (isUsedUp()) throw new ParkedError('the share of requests for looking around is used up', 3_600_000)
      taken++
    },
    note(headers) {
      limit = Number(headers['x-ratelimit-limit'] ?? limit)
      remaining = Number(headers['x-ratelimit-remaining'] ?? remaining)
    },
  }
}

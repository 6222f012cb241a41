import { reviewId } from '../review/ids.ts'
import { type Status, statuses } from '../review/outcome.ts'
import type { ReviewFilter } from '../store/review-row.ts'

export type ParsedFilter = { kind: 'filter'; filter: ReviewFilter } | { kind: 'mistake'; sentence: string }

const defaultLimit = 50

/** The query of a list of reviews: `status`, `repo`, `cursor`, `limit`. An empty value is the same as none: forms send them. */
export function parseReviewFilter(query: Record<string, string[]>): ParsedFilter {
  const filter: ReviewFilter = { limit: defaultLimit }
  for (const [name, values] of Object.entries(query)) {
    const [value = ''] = values
    if (value === '') continue
    if (name === 'status' && isStatus(value)) filter.status = value
    else if (name === 'repo' && /^[\w-]{1,100}\/[\w.-]{1,100}$/.test(value)) filter.repo = value
    else if (name === 'cursor' && /^[1-9]\d{0,17}$/.test(value)) filter.cursor = reviewId(value)
    else if (name === 'limit' && /^([1-9]\d?|100)$/.test(value)) filter.limit = Number(value)
    else return { kind: 'mistake', sentence: mistakeIn(name) }
  }
  return { kind: 'filter', filter }
}

function mistakeIn(name: string): string {
  if (name === 'status') return `"status" is one of ${statuses.join(', ')}.`
  if (name === 'repo') return '"repo" looks like owner/name.'
  if (name === 'cursor') return '"cursor" is what the page before said.'
  if (name === 'limit') return '"limit" is a number from 1 to 100.'
  return 'The list takes "status", "repo", "cursor" and "limit", and nothing else.'
}

const isStatus = (text: string): text is Status => statuses.some((status) => status === text)

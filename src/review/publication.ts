// The exact bytes of a review: frozen on the row before the first write, posted by every later owner.
import type { CommitSha } from './ids.ts'
import type { Side } from './finding.ts'

/** GitHub's names. https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request */
export interface InlineComment {
  path: string
  body: string
  line: number
  side: Side
  start_line?: number
  start_side?: Side
}

export interface Publication {
  commitSha: CommitSha
  /** Ends with the marker. At most 65,536 characters. */
  body: string
  comments: InlineComment[]
  /** SHA-256 over commit, body without marker, and comments; the first 32 hex digits. Also in the marker. */
  payloadHash: string
}

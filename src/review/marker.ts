// The hidden line by which we know our own reviews again: who comes after a crash finds it instead of posting twice.
//
// What must always hold: the marker is the last line of the body, written by us after all other text, and nothing else is
// taken for one. So text of a model that looks like a marker, wherever it stands, is only text. Whether the review is by our
// bot's account is asked before, in `src/github/`.
import { type CommitSha, commitSha, type ReviewId, reviewId } from './ids.ts'
import type { ReviewKind } from './pull-request.ts'

export interface Marker {
  kind: ReviewKind
  headSha: CommitSha
  baseRef: string
  /** As in `Publication`. */
  payloadHash: string
  reviewId: ReviewId
}

const pattern =
  /^<!-- plumbline:review kind=(pull_request|merge_group) head=([0-9a-f]{40,64}) base=(\S+) payload=([0-9a-f]{32}) id=([0-9]+) -->$/

export function writeMarker(marker: Marker): string {
  const { baseRef, headSha, kind, payloadHash } = marker
  return `<!-- plumbline:review kind=${kind} head=${headSha} base=${encodeRef(baseRef)} payload=${payloadHash} id=${marker.reviewId} -->`
}

/** Reads the last line of a review's body. `undefined` when it is not one of ours to the letter. */
export function parseMarker(body: string): Marker | undefined {
  const [, kind, head = '', base = '', payloadHash = '', id = ''] = pattern.exec(lastLine(body)) ?? []
  if (kind !== 'pull_request' && kind !== 'merge_group') return undefined
  try {
    const baseRef = decodeURIComponent(base)
    const marker: Marker = { kind, headSha: commitSha(head), baseRef, payloadHash, reviewId: reviewId(id) }
    return encodeRef(baseRef) === base ? marker : undefined
  } catch {
    return undefined
  }
}

/** The body without its marker and the blank lines before it; all of it when there is none. */
export function withoutMarker(body: string): string {
  return parseMarker(body) ? body.trimEnd().slice(0, -lastLine(body).length).trimEnd() : body
}

function lastLine(body: string): string {
  const text = body.trimEnd()
  return text.slice(text.lastIndexOf('\n') + 1)
}

/** A comment ends at `-->`, and `--` is not allowed inside; so every dash is encoded too. */
function encodeRef(ref: string): string {
  return encodeURIComponent(ref.toWellFormed()).replaceAll('-', '%2D')
}

// What is posted after GitHub refused a line. It does not say which one, so the places are proved anew.
import { withoutComments, withProvedComments } from '../review/compose.ts'
import { type FileDiff, parseFilePatch } from '../review/diff.ts'
import type { Publication } from '../review/publication.ts'
import type { ChangeReader, ClaimedReview } from './ports.ts'
import type { Reduction } from './publish.ts'

export interface Refused {
  review: ClaimedReview
  publication: Publication
  how: Reduction
  /** Reads anew, not from the journal: the patches may have changed. */
  reader: ChangeReader
}

/** Without patches to prove a place, every comment goes into the body. */
export async function reducePublication(
  { how, publication, reader, review }: Refused,
  signal: AbortSignal,
): Promise<Publication> {
  if (how === 'body-only') return withoutComments(publication)
  const change = await reader.readChange(review.ref, await reader.readState(review.ref, signal), signal)
  const diffs = (change?.files ?? []).map(parseFilePatch).filter((diff): diff is FileDiff => !('kind' in diff))
  return withProvedComments(publication, diffs)
}

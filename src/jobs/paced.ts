// Content is written to GitHub at a pace that all workers share. Whoever is over it waits without spending an attempt.
import { ParkedError } from '../review/errors.ts'
import type { ReviewBoard } from './ports.ts'

/** GitHub slows down or blocks whoever creates content too fast, and counts for the whole installation. */
export interface WritePace {
  /** Takes one write if the `following` ones are left too, or answers when this many are: whoever asks later waits for longer. */
  take(installationId: number, following?: number): Promise<{ kind: 'taken' } | { kind: 'wait'; delayMs: number }>
}

/** Throws `ParkedError` over the pace. */
export async function takeWrite(pace: WritePace, installationId: number, following = 0): Promise<void> {
  const taken = await pace.take(installationId, following)
  if (taken.kind === 'wait') throw new ParkedError('as much was posted as GitHub lets an App post', taken.delayMs)
}

/**
 * Creating and submitting throw `ParkedError` over the pace. Deleting a draft does not count: it creates nothing. A draft
 * is not begun without a write left for its submit: it would be waited for twice. If it must wait all the same it is
 * invisible, and whoever comes back adopts it.
 */
export function createPacedBoard(board: ReviewBoard, pace: WritePace): ReviewBoard {
  return {
    ...board,
    async createDraft(ref, publication, signal) {
      await takeWrite(pace, ref.installationId, 1)
      return board.createDraft(ref, publication, signal)
    },
    async submitDraft(ref, id, signal) {
      await takeWrite(pace, ref.installationId)
      return board.submitDraft(ref, id, signal)
    },
  }
}

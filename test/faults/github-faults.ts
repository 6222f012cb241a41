// What GitHub, or the way to it, does to requests by chance.
import type { FaultKind } from '../support/github/faults.ts'
import { leaseMs } from './harness/campaign.ts'
import type { Stage } from './harness/stage.ts'

/** Each write below `/repos` meets it with this probability; the first fault that was added is asked first. */
export function addToWrites(stage: Stage, fault: FaultKind, probability: number): void {
  for (const method of ['POST', 'PATCH', 'DELETE']) addFault(stage, fault, { method, path: /^\/repos\//, probability })
}

export function addToReads(stage: Stage, fault: FaultKind, probability: number): void {
  addFault(stage, fault, { method: 'GET', path: /^\/repos\//, probability })
}

/** A created review lands so late that its worker, were it dead, has been replaced. */
export function addLateReviews(stage: Stage, probability: number): void {
  addFault(stage, { kind: 'delay', ms: 3 * leaseMs }, { method: 'POST', path: /\/pulls\/\d+\/reviews$/, probability })
}

/** One in five writes is carried out and answered with 502; one in eight gets no answer, and half of those were carried out. */
export function loseAnswers(stage: Stage): void {
  addToWrites(stage, { kind: 'commit-then-502' }, 0.2)
  addToWrites(stage, { kind: 'commit-then-drop' }, 0.06)
  addToWrites(stage, { kind: 'drop' }, 0.06)
}

/** A draft of our own account on each pull request: half of them empty, half with a text that is no marker. */
export function leaveDrafts({ injected, plumbline, pulls, random }: Stage): void {
  const { app, world } = plumbline.github
  for (const pull of pulls) {
    const body = random.chance(0.5) ? '' : 'A draft that somebody else began.'
    pull.reviews.add({ id: world.nextId(), author: app.bot, body, commitSha: pull.headSha, comments: [] })
    injected()
  }
}

function addFault(
  { injected, plumbline, random }: Stage,
  fault: FaultKind,
  to: { method: string; path: RegExp; probability: number },
): void {
  const { method, path, probability } = to
  const when = (): boolean => {
    const hits = random.chance(probability)
    if (hits) injected()
    return hits
  }
  plumbline.github.faults.add({ ...fault, method, path, times: Infinity, when })
}

// What GitHub, or the way to it, does to requests by chance.
import type { FaultKind } from '../support/github/faults.ts'
import { leaseMs, type Stage } from './campaign.ts'

/** Each write below `/repos` meets it with this probability; the first fault that was added is asked first. */
export function addToWrites(stage: Stage, fault: FaultKind, probability: number): void {
  for (const method of ['POST', 'PATCH', 'DELETE']) addFault(stage, fault, { method, path: /^\/repos\//, probability })
}

/** A created review lands so late that its worker, were it dead, has been replaced. */
export function addLateReviews(stage: Stage, probability: number): void {
  addFault(stage, { kind: 'delay', ms: 3 * leaseMs }, { method: 'POST', path: /\/pulls\/\d+\/reviews$/, probability })
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

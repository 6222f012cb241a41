// Before its first call with tools each process asks what the model can do: see `src/agent/models/capable-model.ts`. Stories
// are about what is asked of a change.
import type { ModelAnswer } from './answer.ts'
import type { ModelRequest, ModelStandIn, Script } from './model.ts'
import { isProbe, reviewFirstAddedLine } from './reviewer.ts'

/** The list answers what is asked of changes, as long as it lasts; everything else is answered as by default. */
export function aboutChanges(answers: readonly ModelAnswer[]): Script {
  const left = [...answers]
  return (request) => (isProbe(request) ? undefined : left.shift()) ?? reviewFirstAddedLine(request)
}

export function askedAboutChanges({ requests }: ModelStandIn): ModelRequest[] {
  return requests.filter((request) => !isProbe(request))
}

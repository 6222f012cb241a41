// From what is read to what is published: found, placed, said once, put to the test, chosen.
//
// What must always hold: whatever a model claims is verified before it is chosen, and what was not confirmed is kept, with the
// reason, but never published. Repeats go before anybody pays for a verdict on them.
import { choosePublishable, withoutRepeats } from '../../review/choose.ts'
import { parseFilePatch } from '../../review/diff.ts'
import type { PlacedFinding } from '../../review/finding.ts'
import { placeFindings } from '../../review/place.ts'
import { wording } from '../../review/wording.ts'
import type { Checker, Examination, Material, ProblemFinder, SaidReader, Verifier } from '../ports.ts'
import { unexamined } from './unexamined.ts'

export interface ProblemDeps {
  checker: Pick<Checker, 'keepParsing'>
  /** `undefined` where no model is configured: then what the checks found is all. */
  finder: (ProblemFinder & Verifier) | undefined
  readSaid: SaidReader
}

export interface Problems {
  examined: Examination
  /** In the order of publication; those that are held back stand at the end. */
  findings: PlacedFinding[]
}

export async function findProblems(material: Material, deps: ProblemDeps, signal: AbortSignal): Promise<Problems> {
  const { change, files, found } = material
  const { finder } = deps
  const examined = finder ? await finder.examine(material, signal) : unexamined(files)
  const placed = withoutRepeats(placeFindings([...found, ...examined.findings], files.map(parseFilePatch)))
  const verified = finder ? await finder.verify(material, placed, signal) : { findings: placed, unheard: 0 }
  const said = await deps.readSaid(change.ref, signal)
  const chosen = choosePublishable(verified.findings, { said })
  const findings = await deps.checker.keepParsing(change, chosen, signal)
  const { unheard } = verified
  if (unheard === 0) return { examined, findings }
  return { examined: { ...examined, malformed: [...examined.malformed, wording.files.unheard(unheard)] }, findings }
}

// Who finds, and who tries to refute what was found.
import type { Journal, ProblemFinder, Verifier } from '../jobs/ports.ts'
import { createProblemFinder, type ProblemFinderOptions } from './examine.ts'
import type { ExaminationLimits } from './limits.ts'
import type { Model } from './model.ts'
import type { Price } from './prices.ts'
import { createVerifier } from './verify/verifier.ts'

export interface Asked {
  model: Model
  /** `undefined`: costs are not known. */
  price: Price | undefined
}

export interface FinderOptions extends Pick<ProblemFinderOptions, 'openLibrary'> {
  finder: Asked
  /** Often the same; another model does not share the first one's mistakes. */
  verifier: Asked
  /** Of the review. */
  journal: Journal
  limits?: ExaminationLimits
}

export function createFinder({ finder, journal, verifier, ...rest }: FinderOptions): ProblemFinder & Verifier {
  return {
    ...createProblemFinder({ ...finder, journal, ...rest }),
    ...createVerifier({ ...verifier, journal, ...rest }),
  }
}

// The verifier's answer: the form it is asked for, and what is made of what comes back. A verdict that cannot be read is none.
import { z } from 'zod'
import { type Evidence, severities, type Severity } from '../../review/finding.ts'
import type { NoAnswer } from '../converse.ts'
import type { AnswerForm } from '../model.ts'
import { findObject } from '../text/find-json.ts'

export interface Verdict {
  /** Number of the candidate, from 1. */
  finding: number
  verdict: 'confirmed' | 'refuted' | 'unsure'
  /** Missing: as it was. */
  severity?: Severity
  reason: string
  evidence: Evidence[]
}

export interface Verdicts {
  verdicts: Verdict[]
}

const integer = z.number().meta({ type: 'integer' })

/** What strict servers enforce. The meaning stands in `prompts/verify.md`. */
export function verdictForm(): AnswerForm {
  const { $schema: _, ...schema } = z.toJSONSchema(
    z.strictObject({
      verdicts: z.array(
        z.strictObject({
          finding: integer,
          reason: z.string(),
          evidence: z.array(z.strictObject({ path: z.string(), first_line: integer, last_line: integer })),
          verdict: z.enum(['confirmed', 'refuted', 'unsure']),
          severity: z.enum(severities),
        }),
      ),
    }),
  )
  return { name: 'verdicts', schema }
}

/** 12 and "12". */
const line = z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.int().positive())
const evidence = z
  .object({ path: z.string().trim().min(1), first_line: line, last_line: line.nullish() })
  .transform(({ first_line, last_line, path }): Evidence => {
    const last = last_line ?? first_line
    return {
      path: path.replace(/^(?:\.?\/)+/, ''),
      first: Math.min(first_line, last),
      last: Math.max(first_line, last),
    }
  })

const verdict = z.object({
  finding: line,
  verdict: z.preprocess((word) => String(word).trim().toLowerCase(), z.enum(['confirmed', 'refuted', 'unsure'])),
  severity: z.enum(severities).optional().catch(undefined),
  reason: z.string().catch(''),
  evidence: z.array(z.unknown()).catch([]),
})

const answer = z.object({ verdicts: z.array(z.unknown()) })

export function readVerdicts(text: string): Verdicts | NoAnswer {
  const found = findObject(text, (value) => answer.safeParse(value).success)
  if (!found) return { reason: 'It holds no complete JSON object with a list "verdicts".' }
  const read = answer.parse(found.value).verdicts.flatMap((value): Verdict[] => {
    const { data } = verdict.safeParse(value)
    if (!data) return []
    const { severity, ...rest } = data
    const lines = data.evidence.flatMap((one) => evidence.safeParse(one).data ?? [])
    return [{ ...rest, reason: data.reason.trim().slice(0, 1_000), evidence: lines, ...(severity ? { severity } : {}) }]
  })
  return read.length > 0 ? { verdicts: read } : { reason: 'None of its verdicts could be read.' }
}

const doubt = { confirmed: 0, unsure: 1, refuted: 2 } as const

/** By the number of the finding. Of two on the same one, the one that doubts more. */
export function strictest(verdicts: readonly Verdict[]): Map<number, Verdict> {
  return new Map(verdicts.toSorted((a, b) => doubt[a.verdict] - doubt[b.verdict]).map((one) => [one.finding, one]))
}

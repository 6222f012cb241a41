// What a tool is: a question about the codebase that the model may ask. Tools only read, only from the commits of this review,
// and say in words what went wrong: a model can mend its question.
import { z } from 'zod'
import type { Codebase, LineRange, SymbolReader } from '../../jobs/code/codebase.ts'
import { LostLeaseError, ParkedError } from '../../review/errors.ts'
import type { Evidence } from '../../review/finding.ts'
import type { ShownFile } from '../shown-file.ts'
import type { ToolOffer } from '../model.ts'

/** What tools read from. */
export interface Library {
  codebase: Codebase
  symbols: SymbolReader
  /** Every file of the change that can be shown. */
  files: readonly ShownFile[]
}

/** One row of an answer, and the line of the head that it shows, if it shows one. */
export interface Row {
  text: string
  shows?: Evidence | undefined
}

export interface Tool {
  offer: ToolOffer
  /** `written`: the arguments as the model wrote them, parsed as JSON. */
  run(written: unknown, library: Library, signal: AbortSignal): Promise<Row[]>
}

interface ToolShape<T extends z.ZodObject> {
  name: string
  description: string
  parameters: T
  answer(given: z.infer<T>, library: Library, signal: AbortSignal): Promise<Row[]>
}

export function createTool<T extends z.ZodObject>({ name, description, parameters, answer }: ToolShape<T>): Tool {
  const { $schema: _, ...schema } = z.toJSONSchema(parameters, { io: 'input' })
  // Strict servers want every property required, and no others. What may be missing may be `null` there.
  const strict = { ...schema, required: Object.keys(parameters.shape), additionalProperties: false }
  return {
    offer: { name, description, parameters: strict },
    async run(written, library, signal) {
      const given = parameters.safeParse(written)
      if (!given.success) return says(`The arguments cannot be used. ${z.prettifyError(given.error)}`)
      return answer(given.data, library, signal)
    },
  }
}

/** An answer that shows no code. */
export function says(text: string): Row[] {
  return text.split('\n').map((row) => ({ text: row }))
}

/** Relative to the root, without what models like to put before a path. What leads out of the repository is refused. */
export const path = z
  .string()
  .transform((written) => written.trim().replace(/^(?:\.?\/)+|^\.$/, ''))
  .refine((written) => !/(?:^|[/\\])\.\.(?:[/\\]|$)|\0/.test(written), 'Paths start at the root of the repository.')

/** 12 and "12"; nothing where the model has no wish. Without bounds, which some servers refuse in a schema. */
export const line = z.coerce.number().meta({ type: 'integer' }).nullish()

/** A range of lines as it was asked for, made one that the file can have. At most `most` lines. */
export function rangeOf(first: number | null | undefined, last: number | null | undefined, most: number): LineRange {
  const from = Math.max(1, Math.trunc(first ?? 1) || 1)
  const to = Math.max(from, Math.trunc(last ?? from + most - 1) || from)
  return { first: from, last: Math.min(to, from + most - 1) }
}

/** The line break at the end of a file begins no line. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** `12  code`: the number and the sign of unchanged lines in the diff. */
export function numbered(lines: readonly string[], first: number): string[] {
  return lines.map((text, index) => `${first + index}  ${text}`)
}

/** What is no failure of a question: it ends the review, or puts it off. */
export function endsReview(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof LostLeaseError || error instanceof ParkedError
}

// The judge of an evaluation: a model that says which of the published comments name a known problem.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { StepResult } from '../jobs/ports.ts'
import type { Model } from './model.ts'
import { findObject } from './text/find-json.ts'

const instructions = readFileSync(new URL('./prompts/judge.md', import.meta.url), 'utf8').trim()

export interface Judged {
  problems: readonly { path: string; startLine: number; line: number; what: string }[]
  comments: readonly { path: string; startLine: number; line: number; title: string; body: string }[]
}

/** The question as text: what a memoised answer is compared by. */
export function judgeQuestion({ comments, problems }: Judged): string {
  const place = (one: { path: string; startLine: number; line: number }): string =>
    `${one.path}, lines ${one.startLine} to ${one.line}`
  return [
    ...problems.map((one, index) => `Problem ${index + 1} (${place(one)}): ${one.what}`),
    ...comments.map((one, index) => `Comment ${index + 1} (${place(one)}): ${one.title}\n${one.body}`),
  ].join('\n\n')
}

const answerForm = z.strictObject({
  answers: z.array(z.strictObject({ why: z.string(), comment: z.number().meta({ type: 'integer' }).nullable() })),
})

/** For each problem the index of the comment that names it, or `null`. Throws an `Error` when the answer cannot be read. */
export async function judgeComments(
  model: Model,
  judged: Judged,
  signal: AbortSignal,
): Promise<StepResult<(number | null)[]>> {
  const { $schema: _, ...schema } = z.toJSONSchema(answerForm)
  const messages = [
    { role: 'system', content: instructions },
    { role: 'user', content: judgeQuestion(judged) },
  ] as const
  const reply = await model.complete({ messages, form: { name: 'judgement', schema }, maxOutputTokens: 4_000 }, signal)
  const answers = reply.kind === 'text' ? readAnswers(reply.text) : []
  if (answers.length !== judged.problems.length)
    throw new Error(`the judge ${model.name} did not answer for each of ${judged.problems.length} problems`)
  const known = answers.map((answer) => (judged.comments[(answer ?? 0) - 1] ? (answer ?? 0) - 1 : null))
  return { output: known, tokens: reply.tokens }
}

const lenientForm = z.object({ answers: z.array(z.object({ comment: z.int().nullable() })) })

function readAnswers(text: string): (number | null)[] {
  const found = findObject(text, (value) => lenientForm.safeParse(value).success)
  return found ? lenientForm.parse(found.value).answers.map(({ comment }) => comment) : []
}

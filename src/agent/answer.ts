// The model's answer: the form it is asked for, and what is made of what comes back. Each finding is read on its own, so a
// malformed one costs one finding and no more.
import { z } from 'zod'
import { type Finding, severities, type Severity } from '../review/finding.ts'
import { findObject } from './text/find-json.ts'
import type { NoAnswer } from './converse.ts'
import type { AnswerForm } from './model.ts'

export interface Answer {
  summary: string
  findings: Finding[]
  /** One sentence for each thing that could not be understood. Never quotes the answer. */
  malformed: string[]
}

/** What strict servers enforce: every property required, unknown ones forbidden. The meaning stands in the instructions. */
export function answerForm(reviewers: readonly string[]): AnswerForm {
  const finding = z.strictObject({
    reviewer: z.enum(reviewers),
    severity: z.enum(severities),
    path: z.string(),
    line: z.number().meta({ type: 'integer' }),
    start_line: z.number().meta({ type: 'integer' }).nullable(),
    side: z.enum(['RIGHT', 'LEFT']),
    quote: z.string().nullable(),
    title: z.string(),
    body: z.string(),
    suggestion: z.string().nullable(),
  })
  // Not `z.int()`: it writes its bounds of ±2^53 into the schema, which some servers refuse; so they do `$schema`.
  const { $schema: _, ...schema } = z.toJSONSchema(z.strictObject({ summary: z.string(), findings: z.array(finding) }))
  return { name: 'review', schema }
}

/** Other words that models use for the four severities. Anything else is malformed: we do not guess how bad a thing is. */
const synonyms: Record<string, Severity> = {
  blocker: 'critical',
  severe: 'critical',
  major: 'high',
  error: 'high',
  moderate: 'medium',
  warning: 'medium',
  minor: 'low',
  info: 'low',
  trivial: 'low',
  nit: 'low',
}

const severity = z.preprocess((value) => {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return synonyms[word] ?? word
}, z.enum(severities))

/** 12, "12" and "L12". */
const line = z.preprocess(
  (value) =>
    typeof value === 'string' && /^\s*[LR]?\d{1,9}\s*$/i.test(value) ? Number(value.replace(/\D/g, '')) : value,
  z.int().positive(),
)

const side = z.preprocess(
  (value) => (typeof value === 'string' && /^(?:left|old)$/i.test(value.trim()) ? 'LEFT' : 'RIGHT'),
  z.enum(['LEFT', 'RIGHT']),
)

const optionalText = z.string().nullish().catch(undefined)

const lenientFinding = z.object({
  reviewer: z.string().nullish().catch(undefined),
  severity,
  path: z.string().trim().min(1).max(4_096),
  line,
  start_line: line.nullish(),
  side,
  quote: optionalText,
  title: z.string().trim().min(1),
  body: z.string().trim().max(20_000),
  suggestion: optionalText,
})

const lenientAnswer = z.object({ summary: z.string().catch(''), findings: z.array(z.unknown()) })

export function readAnswer(text: string, reviewers: readonly string[]): Answer | NoAnswer {
  const found = findObject(text, (value) => lenientAnswer.safeParse(value).success)
  if (!found) return { reason: 'It holds no complete JSON object with a list "findings".' }
  const { summary, findings } = lenientAnswer.parse(found.value)
  const answer: Answer = { summary: summary.trim().slice(0, 2_000), findings: [], malformed: [] }
  for (const [index, value] of findings.entries()) {
    const parsed = lenientFinding.safeParse(value)
    if (parsed.success) answer.findings.push(toFinding(parsed.data, reviewers))
    else answer.malformed.push(`Finding ${index + 1} could not be read: ${problemsOf(parsed.error)}.`)
  }
  if (found.cutOff)
    answer.malformed.push(`The answer ends in the middle: what it says after finding ${findings.length} is missing.`)
  // Nothing usable must not look like nothing found.
  if (answer.findings.length === 0 && answer.malformed.length > 0) return { reason: answer.malformed.join(' ') }
  return answer
}

function problemsOf(error: z.ZodError): string {
  const fields = new Set(error.issues.map((issue) => issue.path[0] ?? 'the finding'))
  return `${[...fields].map(String).join(', ')} ${fields.size === 1 ? 'is' : 'are'} missing or wrong`
}

function toFinding(found: z.infer<typeof lenientFinding>, reviewers: readonly string[]): Finding {
  const lines = [found.start_line ?? found.line, found.line].toSorted((a, b) => a - b)
  const [startLine = found.line, lastLine = found.line] = lines
  const suggestion = found.suggestion && withoutFence(found.suggestion)
  return {
    reviewer: reviewers.find((name) => name === found.reviewer) ?? reviewers[0] ?? 'correctness',
    severity: found.severity,
    path: found.path,
    line: lastLine,
    ...(startLine === lastLine ? {} : { startLine }),
    side: found.side,
    ...(found.quote?.trim() ? { quote: found.quote } : {}),
    title: found.title.replace(/\s+/g, ' ').slice(0, 300),
    body: found.body,
    // Empty is how models say "none"; a deletion has to be said in words.
    ...(suggestion?.trim() ? { suggestion } : {}),
  }
}

function withoutFence(code: string): string {
  return /^\s*(`{3,})[^\n`]*\n([\s\S]*?)\n?[ \t]*\1\s*$/.exec(code)?.[2] ?? code
}

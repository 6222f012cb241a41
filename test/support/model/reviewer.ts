// The model that a test gets when it scripts nothing: reads the diff in the prompt and complains about its first added line.
import type { ModelAnswer } from './answer.ts'
import type { ModelRequest } from './model.ts'

/** What `reviewFirstAddedLine` says, so that tests can look for it. */
export const findingTitle = 'This line was looked at'

/** As the answer's schema demands, see `src/agent/answer.ts`. */
export interface ReviewAnswer {
  summary: string
  findings: {
    reviewer: string
    severity: string
    path: string
    line: number
    start_line: number | null
    side: 'RIGHT' | 'LEFT'
    quote: string | null
    title: string
    body: string
    suggestion: string | null
  }[]
}

/** Asked to find out whether the model calls tools: `src/agent/models/capable-model.ts`. */
export function isProbe({ tools }: ModelRequest): boolean {
  return tools.includes('ready')
}

/** Knows the form in which `src/agent/shown-file.ts` shows a diff. No finding when nothing was added. */
export function reviewFirstAddedLine(request: ModelRequest): ModelAnswer {
  if (isProbe(request)) return { kind: 'calls', calls: [{ tool: 'ready' }] }
  // `src/agent/doctor.ts`.
  if (request.form?.name === 'readiness') return { kind: 'answer', json: { ready: true } }
  const text = request.messages.map((one) => one.content).join('\n')
  if (request.form?.name === 'verdicts' || /^Claim 1: /m.test(text)) return { kind: 'answer', json: confirmAll(text) }
  // While tools are offered no form is sent: then a diff is what tells a review.
  if (request.form?.name !== 'review' && request.tools.length === 0)
    throw new Error(`the stand-in for a model knows no answer of the form ${String(request.form?.name)}`)
  const added = findFirstAddedLine(request.messages.map((one) => one.content).join('\n'))
  const answer: ReviewAnswer = {
    summary: added ? `Adds a line to ${added.path}.` : 'Adds nothing.',
    findings: added ? [findingOn(added, reviewerOf(request))] : [],
  }
  return { kind: 'answer', json: answer }
}

/** As `src/agent/verify/verify-prompt.ts` shows claims. */
function confirmAll(text: string): object {
  const claims = text.matchAll(/^Claim (\d+): (.+), lines? (?:\d+ to )?(\d+)(?: \(before the change\))?, (\w+)$/gm)
  const verdicts = [...claims].map(([, finding, path = '', line, severity]) => ({
    finding: Number(finding),
    reason: 'It is there.',
    evidence: [
      { path: path.startsWith('"') ? JSON.parse(path) : path, first_line: Number(line), last_line: Number(line) },
    ],
    verdict: 'confirmed',
    severity,
  }))
  return { verdicts }
}

interface AddedLine {
  path: string
  line: number
  text: string
}

function findFirstAddedLine(prompt: string): AddedLine | undefined {
  let path: string | undefined
  for (const text of prompt.split('\n')) {
    const header = /^=== (?:"((?:[^"\\]|\\.)*)"|(.*?))(?: \((?:added|removed|\w+ from .*)\))?$/.exec(text)
    if (header) path = header[1] === undefined ? header[2] : String(JSON.parse(`"${header[1]}"`))
    const added = /^(\d+) \+(.*)$/.exec(text)
    if (added && path !== undefined) return { path, line: Number(added[1]), text: added[2] ?? '' }
  }
  return undefined
}

function findingOn(added: AddedLine, reviewer: string): ReviewAnswer['findings'][number] {
  return {
    reviewer,
    severity: 'medium',
    path: added.path,
    line: added.line,
    start_line: null,
    side: 'RIGHT',
    quote: added.text,
    title: findingTitle,
    body: `Line ${added.line} of \`${added.path}\` is the first one that the change adds.`,
    suggestion: null,
  }
}

/** The first one that the schema allows. */
function reviewerOf(request: ModelRequest): string {
  const allowed = /"reviewer":\{[^{}]*"enum":\["([^"]+)"/.exec(JSON.stringify(request.form?.schema ?? {}))
  return allowed?.[1] ?? 'correctness'
}

// The model for a first look and for trials: no model at all, but fixed rules over the added lines of the diff. The same diff
// gives the same answer, nothing leaves the machine, and every answer says what it is.
import type { Severity } from '../../review/finding.ts'
import { type Model, type ModelReply, noTokens } from '../model.ts'

/** As `OPENAI_MODEL` names it. */
export const mockModelName = 'mock'

interface ShownLine {
  number: number
  isNew: boolean
  code: string
}

interface ShownText {
  path: string
  lines: ShownLine[]
}

interface Rule {
  reviewer: 'correctness' | 'security'
  severity: Severity
  /** What the rule looks for on one line. The groups are for `title` and `body`. */
  pattern: RegExp
  title: string
  body: string
  /** For what the line alone does not tell. */
  when?(match: RegExpExecArray, file: ShownText): boolean
  /** The line without the problem, or nothing where that takes more than one line. */
  mend?(code: string): string
}

/** `$1` is the first group. */
const rules: readonly Rule[] = [
  {
    reviewer: 'security',
    severity: 'critical',
    pattern: /(?:`|["'])\s*(?:select|insert into|update|delete from)\b.*(?:\$\{|["']\s*\+)/i,
    title: 'SQL is put together from text',
    body: 'Whoever chooses the value chooses the statement. Pass it as a parameter of the query.',
  },
  {
    reviewer: 'correctness',
    severity: 'high',
    pattern: /\b(\w+)\s*<=\s*([\w.]+)\.length\s*;/,
    title: 'The loop runs one step past the end of $2',
    body: 'The last index is `$2.length - 1`. At `$1 === $2.length` the element is `undefined`, and reading from it throws; with an empty list that is the first step already.',
    mend: (code) => code.replace('<=', '<'),
  },
  {
    reviewer: 'correctness',
    severity: 'high',
    pattern: /^\s*([\w.]+)\(.*\)\s*;?\s*$/,
    title: '$1 is not waited for',
    body: 'Elsewhere in this file the call is awaited. Here its failure is lost, and what follows does not wait for its end.',
    when: ([, callee = ''], { lines }) => lines.some(({ code }) => code.includes(`await ${callee}(`)),
    mend: (code) => code.replace(/^(\s*)/, '$1await '),
  },
  {
    reviewer: 'correctness',
    severity: 'medium',
    pattern: /^\s*debugger\b/,
    title: 'A `debugger` statement was left behind',
    body: 'Every process that runs under an inspector stops here.',
  },
  {
    reviewer: 'correctness',
    severity: 'high',
    pattern: /[=!]==?\s*NaN\b/,
    title: 'Nothing equals NaN',
    body: 'The comparison has the same result for every value. Use `Number.isNaN`.',
  },
  {
    reviewer: 'security',
    severity: 'low',
    pattern: /["'`]http:\/\/(?!localhost\b|127\.|\[::1\])[\w-]+(?:\.[\w-]+)+/,
    title: 'The address is asked without TLS',
    body: 'Whoever is on the way can read and change what is sent.',
    mend: (code) => code.replace('http://', 'https://'),
  },
]

export function createMockModel(): Model {
  return {
    name: mockModelName,
    async complete({ form, messages }, signal) {
      signal.throwIfAborted()
      if (form.name === 'verdicts') return confirmAll(messages.find((one) => one.role === 'user')?.content ?? '')
      const files = readShownDiff(messages.find((one) => one.role === 'user')?.content ?? '')
      const answer = {
        summary: `This is the mock model: no model was asked, fixed rules looked at ${files.length} changed ${files.length === 1 ? 'file' : 'files'}. Set OPENAI_MODEL for a real review.`,
        findings: files.flatMap((file) => rules.flatMap((rule) => apply(rule, file))),
      }
      return { kind: 'text', text: JSON.stringify(answer), tokens: noTokens }
    },
  }
}

/** Fixed rules are not argued with. The form of a claim is that of `verify-prompt.ts`. */
function confirmAll(message: string): ModelReply {
  const claims = message.matchAll(/^Claim (\d+): (.+), lines? (?:\d+ to )?(\d+), (\w+)$/gm)
  const verdicts = [...claims].map(([, finding, path = '', line, severity]) => ({
    finding: Number(finding),
    reason: 'The rule matches this line.',
    evidence: [
      {
        path: path.startsWith('"') ? String(JSON.parse(path)) : path,
        first_line: Number(line),
        last_line: Number(line),
      },
    ],
    verdict: 'confirmed',
    severity,
  }))
  return { kind: 'text', text: JSON.stringify({ verdicts }), tokens: noTokens }
}

/** Documentation shows bad examples on purpose. */
const isProse = (path: string): boolean => /\.(?:md|mdx|txt|rst|adoc|json|ya?ml|lock)$/i.test(path)

function apply(rule: Rule, file: ShownText): object[] {
  if (isProse(file.path)) return []
  return file.lines.flatMap((line) => {
    const match = line.isNew ? rule.pattern.exec(line.code) : null
    if (!match || rule.when?.(match, file) === false) return []
    const fill = (text: string): string => text.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '')
    return [
      {
        reviewer: rule.reviewer,
        severity: rule.severity,
        path: file.path,
        line: line.number,
        start_line: null,
        side: 'RIGHT',
        quote: line.code,
        title: fill(rule.title),
        body: fill(rule.body),
        suggestion: rule.mend?.(line.code) ?? null,
      },
    ]
  })
}

/** The form is that of `shown-file.ts`. A line of a file starts with its number, so no code can pass for a header. */
function readShownDiff(message: string): ShownText[] {
  const [, diff = ''] = /^BEGIN [0-9a-f]+ diff\n([\s\S]*?)\nEND [0-9a-f]+$/m.exec(message) ?? []
  const files: ShownText[] = []
  for (const row of diff.split('\n')) {
    const path = /^=== (.+?)(?: \((?:added|removed|(?:renamed|copied) from .*)\))?$/.exec(row)?.[1]
    if (path !== undefined) files.push({ path, lines: [] })
    const [, number, sign, code = ''] = /^(\d+) ([ +-])(.*)$/.exec(row) ?? []
    if (number !== undefined && sign !== '-')
      files.at(-1)?.lines.push({ number: Number(number), isNew: sign === '+', code })
  }
  return files
}

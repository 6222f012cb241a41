// The messages of a verification. The candidates are fenced like the code: a model wrote them after it had read foreign text.
import type { PlacedFinding } from '../../review/finding.ts'
import type { Change } from '../../review/pull-request.ts'
import { fenced, fenceFor } from '../fence.ts'
import type { ModelMessage } from '../model.ts'
import { describe, showDiff } from '../prompt.ts'
import { readPrompt } from '../reviewers.ts'
import { type ShownFile, showPath } from '../shown-file.ts'

const instructions = readPrompt('verify')

export interface Case {
  files: readonly ShownFile[]
  around: readonly string[]
  candidates: readonly PlacedFinding[]
}

export function buildVerifyPrompt(change: Change, { around, candidates, files }: Case): ModelMessage[] {
  const texts = {
    description: describe(change, 'brief'),
    diff: showDiff(change, files),
    around: around.join('\n'),
    claims: candidates.map(showClaim).join('\n\n'),
  }
  const fence = fenceFor(Object.values(texts))
  const parts = Object.entries(texts).filter(([, text]) => text !== '')
  const user = [
    `The fence of this message is ${fence}.`,
    ...parts.map(([name, text]) => fenced(fence, name, text)),
    `Give a verdict on each of the claims 1 to ${candidates.length}.`,
  ]
  return [
    { role: 'system', content: instructions },
    { role: 'user', content: user.join('\n\n') },
  ]
}

function showClaim(
  { body, line, path, severity, side, startLine, suggestion, title }: PlacedFinding,
  index: number,
): string {
  const lines = startLine === undefined ? `line ${line}` : `lines ${startLine} to ${line}`
  const text = [title, body, ...(suggestion === undefined ? [] : [`Suggested instead of these lines:\n${suggestion}`])]
  return [
    `Claim ${index + 1}: ${showPath(path)}, ${lines}${side === 'LEFT' ? ' (before the change)' : ''}, ${severity}`,
    // Set in, so that no claim can pass for another one.
    ...text.flatMap((one) => one.split('\n')).map((row) => `  ${row}`),
  ].join('\n')
}

// The messages of a review: instructions, description, diff, the lines around it, then the reviewers' own parts. What is the same
// for many calls stands first, so that the provider's prefix cache serves it: the system message for every review, description
// and diff for every call about the same part.
//
// Text of the pull request is data. It stands inside a fence: see `fence.ts`.
import type { Material } from '../jobs/ports.ts'
import type { Finding } from '../review/finding.ts'
import type { Change } from '../review/pull-request.ts'
import { fenced, fenceFor } from './fence.ts'
import type { ModelMessage } from './model.ts'
import { instructions, type Reviewer } from './reviewers.ts'
import { type ShownFile, showPath, textOfFile } from './shown-file.ts'
import { visibleProse } from './text/hidden-characters.ts'

/** What one call is about. */
export interface Part {
  files: readonly ShownFile[]
  /** Unchanged lines around the hunks, as `context.ts` shows them. */
  around: readonly string[]
  reviewers: readonly Reviewer[]
  /** `brief`: where the room is the diff's. */
  description: Length
}

type Length = 'full' | 'brief'

/** The change's files that are not in the part are only named. */
export function buildPrompt({ change, found }: Material, part: Part): ModelMessage[] {
  const description = describe(change, part.description)
  const diff = showDiff(change, part.files)
  const around = part.around.join('\n')
  const checks = listFound(found, part.files)
  const fence = fenceFor([description, diff, around, checks])
  const parts = [
    `The fence of this message is ${fence}.`,
    fenced(fence, 'description', description),
    fenced(fence, 'diff', diff),
    ...(around === '' ? [] : [fenced(fence, 'around', around)]),
    ...(checks === '' ? [] : [fenced(fence, 'checks', checks)]),
    ...part.reviewers.map((reviewer) => `# Reviewer \`${reviewer.name}\`\n\n${reviewer.instructions}`),
  ]
  return [
    { role: 'system', content: instructions },
    { role: 'user', content: parts.join('\n\n') },
  ]
}

/**
 * In characters: enough to know what is meant; a description is no place to fill the budget from. `hiddenBody` counts the
 * comments of a template too, which are taken out.
 */
const limits = {
  full: { title: 300, body: 6_000, commits: 30, commit: 150 },
  brief: { title: 200, body: 1_500, commits: 10, commit: 80 },
  hiddenBody: 20_000,
  names: 20,
  name: 100,
}

/** Title, branch, commits and description, as a person sees them. */
export function describe({ commits, state }: Change, length: Length): string {
  const most = limits[length]
  const title = visibleProse(state.title)
  const body = visibleProse(cut(state.body, limits.hiddenBody))
  const subjects = commits.slice(-most.commits).map((commit) => visibleProse(commit))
  const removed = new Set([title, body, ...subjects].map((prose) => prose.removed).filter(Boolean))
  return [
    `Title: ${oneLine(title.text, most.title)}`,
    `Into branch: ${oneLine(visibleProse(state.baseRef).text, limits.name)}`,
    `Commits:\n${subjects.map((subject) => `- ${oneLine(subject.text, most.commit)}`).join('\n')}`,
    `Description:\n${cut(body.text.trim(), most.body)}`,
    ...(removed.size > 0 ? [`Taken out, because nobody sees it on GitHub: ${[...removed].join('; ')}`] : []),
  ].join('\n')
}

export function showDiff(change: Change, files: readonly ShownFile[]): string {
  const paths = new Set(files.map((file) => file.path))
  const others = change.files
    .filter((file) => !paths.has(file.path))
    .map((file) => cut(showPath(file.path), limits.name))
  return [
    ...files.map(textOfFile),
    ...(others.length > 0 ? [`Changed as well, but not shown: ${upTo(limits.names, others).join(', ')}`] : []),
  ].join('\n')
}

/** What tools have found in the files: evidence, and not to be said twice. */
function listFound(found: readonly Finding[], files: readonly ShownFile[]): string {
  const paths = new Set(files.map((file) => file.path))
  const rows = found
    .filter(({ path }) => paths.has(path))
    .map(({ line, path, title }) => `${cut(showPath(path), limits.name)}:${line}: ${title}`)
  return upTo(limits.names, rows).join('\n')
}

function upTo(most: number, items: readonly string[]): string[] {
  return items.length <= most ? [...items] : [...items.slice(0, most), `and ${items.length - most} more`]
}

function oneLine(text: string, maxLength: number): string {
  return cut(text.replace(/\s+/g, ' ').trim(), maxLength)
}

function cut(text: string, maxLength: number): string {
  // Some servers refuse half of a surrogate pair.
  return text.length <= maxLength ? text : `${text.slice(0, maxLength).toWellFormed()} [cut]`
}

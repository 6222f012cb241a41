// The messages of a review: instructions, description, diff, then the reviewers' own parts. What is the same for many calls
// stands first, so that the provider's prefix cache serves it: the system message for every review, description and diff for
// every call about the same head.
//
// Text of the pull request is data. It stands inside a fence, two lines with a word that the text cannot contain: the word is
// a SHA-256 over all the text that is fenced. Its author knows the recipe, but would have to write a text that contains its
// own hash (96 bits of it). So nothing has to be replaced inside the text, no secret is needed, and a retry builds the same
// bytes, which the journal recognises.
import { createHash } from 'node:crypto'
import type { Material } from '../jobs/ports.ts'
import type { Finding } from '../review/finding.ts'
import type { CommitSha } from '../review/ids.ts'
import type { FileLeftOut } from '../review/outcome.ts'
import type { Change } from '../review/pull-request.ts'
import { estimateTokens, packFiles } from './budget.ts'
import { visibleProse } from './text/hidden-characters.ts'
import type { ModelMessage } from './model.ts'
import { instructions, type Reviewer, reviewersFor } from './reviewers.ts'
import { type ShownFile, showFile, showPath, textOfFile } from './shown-file.ts'

export interface Prompt {
  headSha: CommitSha
  messages: ModelMessage[]
  /** Names of the reviewers that take part. */
  reviewers: string[]
  /** Files of which at least a part is in the messages. */
  shown: number
  leftOut: FileLeftOut[]
  /** Estimate for all messages. */
  tokens: number
  /** The part of `tokens` that the files are, which is what a smaller budget can save. */
  fileTokens: number
}

/** The change's files that need not be read are only named. */
export function buildPrompt(material: Material, maxInputTokens: number): Prompt {
  const { change, files } = material
  const shown: ShownFile[] = []
  const leftOut: FileLeftOut[] = []
  for (const file of files.map(showFile)) {
    if ('reason' in file) leftOut.push({ kind: 'unread', ...file })
    else shown.push(file)
  }
  const frame = compose(material, [], reviewersFor(files.map((file) => file.path)))
  const packed = packFiles(shown, maxInputTokens - tokensOf(frame))
  const reviewers = reviewersFor(packed.files.map((file) => file.path))
  const messages = compose(material, packed.files, reviewers)
  return {
    headSha: change.state.headSha,
    messages,
    reviewers: reviewers.map((reviewer) => reviewer.name),
    shown: packed.files.length,
    leftOut: [...leftOut, ...packed.leftOut],
    tokens: tokensOf(messages),
    fileTokens: estimateTokens(packed.files.map(textOfFile).join('\n')),
  }
}

function tokensOf(messages: readonly ModelMessage[]): number {
  return estimateTokens(messages.map((message) => message.content).join('\n'))
}

function compose(
  { change, found }: Material,
  files: readonly ShownFile[],
  reviewers: readonly Reviewer[],
): ModelMessage[] {
  const checks = listFound(found)
  const description = describe(change)
  const diff = showDiff(change, files)
  const fence = createHash('sha256').update(`${description}\0${diff}\0${checks}`).digest('hex').slice(0, 24)
  const parts = [
    `The fence of this message is ${fence}.`,
    `BEGIN ${fence} description\n${description}\nEND ${fence}`,
    `BEGIN ${fence} diff\n${diff}\nEND ${fence}`,
    ...(checks === '' ? [] : [`BEGIN ${fence} checks\n${checks}\nEND ${fence}`]),
    ...reviewers.map((reviewer) => `# Reviewer \`${reviewer.name}\`\n\n${reviewer.instructions}`),
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
const limits = { title: 300, body: 6_000, hiddenBody: 20_000, commits: 30, commit: 150, names: 40, name: 100 }

function describe(change: Change): string {
  const { state, commits } = change
  const title = visibleProse(state.title)
  const body = visibleProse(cut(state.body, limits.hiddenBody))
  const subjects = commits.slice(-limits.commits).map((commit) => visibleProse(commit))
  const removed = new Set([title, body, ...subjects].map((prose) => prose.removed).filter(Boolean))
  return [
    `Title: ${oneLine(title.text, limits.title)}`,
    `Into branch: ${oneLine(visibleProse(state.baseRef).text, limits.title)}`,
    `Commits:\n${subjects.map((subject) => `- ${oneLine(subject.text, limits.commit)}`).join('\n')}`,
    `Description:\n${cut(body.text.trim(), limits.body)}`,
    ...(removed.size > 0 ? [`Taken out, because nobody sees it on GitHub: ${[...removed].join('; ')}`] : []),
  ].join('\n')
}

function showDiff(change: Change, files: readonly ShownFile[]): string {
  const paths = new Set(files.map((file) => file.path))
  const others = change.files
    .filter((file) => !paths.has(file.path))
    .map((file) => cut(showPath(file.path), limits.name))
  return [
    ...files.map(textOfFile),
    ...(others.length > 0 ? [`Changed as well, but not shown: ${upTo(limits.names, others).join(', ')}`] : []),
  ].join('\n')
}

/** What tools have found: evidence, and not to be said twice. */
function listFound(found: readonly Finding[]): string {
  const rows = found.map(({ line, path, title }) => `${cut(showPath(path), limits.name)}:${line}: ${title}`)
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

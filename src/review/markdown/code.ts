// Text as code: what GitHub shows letter for letter. In code it looks for no mentions, references, links or HTML.
// https://github.github.com/gfm/#code-spans and https://github.github.com/gfm/#fenced-code-blocks
import { stripHidden } from './hidden.ts'

/** One line, as an inline code span; nothing when there is nothing to show. */
export function codeSpan(text: string): string {
  const content = stripHidden(text).replace(/\s+/g, ' ').trim()
  if (content === '') return ''
  const fence = '`'.repeat(longestRun(content, '`') + 1)
  const pad = content.startsWith('`') || content.endsWith('`') ? ' ' : ''
  return fence + pad + content + pad + fence
}

/** A fenced block at the left margin. The fence is longer than any run of backticks inside, so nothing can close it. */
export function codeBlock(code: string, language = ''): string {
  return fenced(withoutCommands(stripHidden(code)).trimEnd(), language)
}

/**
 * GitHub's suggestion block, letter for letter: it is committed when somebody clicks. `undefined` when that would be unwise:
 * characters that nobody sees, or a line that other bots take for a command.
 */
export function suggestionBlock(code: string): string | undefined {
  const plain = code.replace(/\r\n/g, '\n').replace(/\n$/, '')
  if (stripHidden(plain) !== plain || withoutCommands(plain) !== plain) return undefined
  return fenced(plain, 'suggestion')
}

function fenced(code: string, info: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(code, '`') + 1))
  return [`${fence}${info}`, ...(code === '' ? [] : [code]), fence].join('\n')
}

function longestRun(text: string, character: string): number {
  let longest = 0
  let run = 0
  for (const one of text) {
    run = one === character ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}

/** `/approve` at the start of a line. Bots look for such lines in the raw text, whether it is code or not. A path goes on. */
const command = /^([ \t]*)(?=\/[a-z][\w-]*(?![\w/-]))/gim

function withoutCommands(code: string): string {
  return code.replace(command, '$1\u200b')
}

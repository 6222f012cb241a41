// Reviewers are data: a name, the files they are for, and instructions in a text that a person can read and change.
import { readFileSync } from 'node:fs'
import { isUserInterface, kindOfPath } from './path-kind.ts'

export interface Reviewer {
  name: string
  /** Whether it has something to look for in the file. A reviewer takes part when it does in one file of the change. */
  when: (path: string) => boolean
  instructions: string
}

/** What holds for all reviewers, and the form of the answer. */
export const instructions = readPrompt('instructions')

export const reviewers: readonly Reviewer[] = [
  // For every file: documentation and settings can be wrong too.
  { name: 'correctness', when: () => true, instructions: readPrompt('correctness') },
  { name: 'security', when: (path) => kindOfPath(path) !== 'docs', instructions: readPrompt('security') },
  { name: 'performance', when: (path) => kindOfPath(path) === 'source', instructions: readPrompt('performance') },
  { name: 'accessibility', when: isUserInterface, instructions: readPrompt('accessibility') },
]

export function reviewersFor(paths: readonly string[]): Reviewer[] {
  return reviewers.filter((reviewer) => paths.some(reviewer.when))
}

/** Read at start: a text that is missing is noticed before the first review. */
export function readPrompt(name: string): string {
  return readFileSync(new URL(`./prompts/${name}.md`, import.meta.url), 'utf8').trim()
}

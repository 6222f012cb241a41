// Secrets on added lines. They were taken out when the change was read, so what is found here are the placeholders: no finding
// can show a secret. Accepted: whoever writes a placeholder gets a finding for it.
import type { Finding } from '../review/finding.ts'
import { placeholdersIn } from '../review/markdown/placeholder.ts'
import { type AddedLine, type Claim, type CheckedFile, findingOn } from './analyzer.ts'

/** Where values that look like secrets are examples, most of the time. */
const exampleFile =
  /(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|e2e|fixtures|testdata|examples?|docs?)\/|[._-](?:test|spec)\.\w+$|\.(?:mdx?|rst|adoc|example|sample|template|dist)$/i

export function analyze(files: readonly CheckedFile[]): Finding[] {
  return files.flatMap((file) => file.added.flatMap((added) => analyzeLine(file.path, added)))
}

function analyzeLine(path: string, { line, text }: AddedLine): Finding[] {
  const isExample = exampleFile.test(path)
  const kinds = [...new Set(placeholdersIn(text))].filter((kind) => !(isExample && kind === 'secret'))
  return kinds.slice(0, 1).map((kind) => findingOn('secrets', { path, line }, claimFor(kind, isExample)))
}

function claimFor(kind: string, isExample: boolean): Claim {
  const what =
    kind === 'secret'
      ? 'A value that looks like a secret'
      : `What looks like ${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`
  return {
    severity: isExample ? 'medium' : kind === 'secret' ? 'high' : 'critical',
    title: `${what} is part of this change`,
    body:
      'Whoever can read the repository can read it, and it stays in the history when the line is removed. If it is real, ' +
      'revoke it and make a new one where it was issued, and keep that one outside of the repository.',
  }
}

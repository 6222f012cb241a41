// What `git blame --porcelain` prints. https://git-scm.com/docs/git-blame#_the_porcelain_format
import type { LineCommit } from '../jobs/code/codebase.ts'

/** Newest first. Lines that were last changed in a commit of `shallow`, or before it, are left out: nobody knows when. */
export function parseBlame(output: string, shallow: ReadonlySet<string>): LineCommit[] {
  const commits = new Map<string, LineCommit & { time: number }>()
  let current: (LineCommit & { time: number }) | undefined
  for (const row of output.split('\n')) {
    // The line itself, which may look like anything.
    if (row.startsWith('\t')) continue
    const [, sha, line] = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(row) ?? []
    if (sha !== undefined) {
      current = commits.get(sha) ?? { sha, date: '', subject: '', lines: [], time: 0 }
      commits.set(sha, current)
      current.lines.push(Number(line))
    } else if (current && row.startsWith('committer-time ')) {
      current.time = Number(row.slice('committer-time '.length))
      current.date = isoDate(current.time)
    } else if (current && row.startsWith('summary ')) current.subject = row.slice('summary '.length)
  }
  return [...commits.values()]
    .filter(({ sha }) => !shallow.has(sha))
    .toSorted((a, b) => b.time - a.time)
    .map(({ date, lines, sha, subject }) => ({ sha, date, subject, lines }))
}

/** A commit may claim any time. */
function isoDate(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

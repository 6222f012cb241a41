// What people leave behind: debugger statements, tests that keep all others from running, conflict markers.
// Only what is never wanted in a finished change, and only at the start of a line, where it is a statement and not talked about.
import type { Finding } from '../review/finding.ts'
import { type AddedLine, type CheckedFile, type Claim, findingOn } from './analyzer.ts'

const debuggerClaim: Claim = {
  severity: 'medium',
  title: 'A debugger statement was left in',
  body: 'The program stops here, or waits for somebody to type. Remove the line.',
}
const focusClaim: Claim = {
  severity: 'high',
  title: 'A focused test keeps the others from running',
  body: 'Tests beside this one are left out without failing, so the run is green whatever they would say. Remove the focus.',
}
const conflictClaim: Claim = {
  severity: 'critical',
  title: 'A merge conflict was committed without being solved',
  body: 'The markers of the conflict are part of the file. Choose what both sides mean, and remove them.',
}

interface Leftover {
  files: RegExp
  line: RegExp
  claim: Claim
}

const script = /\.(?:[cm]?[jt]sx?|vue|svelte)$/i
const leftovers: readonly Leftover[] = [
  { files: script, line: /^\s*debugger\s*;?\s*(?:\/\/.*)?$/, claim: debuggerClaim },
  {
    files: script,
    line: /^\s*(?:it|test|describe|context|suite|specify|bench)(?:\.(?:concurrent|skipIf\([^)]{0,80}\)))?\.only\s*(?:\.each\s*)?[(`]/,
    claim: focusClaim,
  },
  { files: script, line: /^\s*(?:fdescribe|fit|fcontext)\s*\(\s*["'`]/, claim: focusClaim },
  {
    files: /\.py$/i,
    line: /^\s*(?:import i?pdb\s*;\s*)?(?:breakpoint|i?pdb\.set_trace)\(\)\s*(?:#.*)?$/,
    claim: debuggerClaim,
  },
  { files: /\.py$/i, line: /^\s*@pytest\.mark\.only\b/, claim: focusClaim },
  { files: /\.(?:rb|rake)$/i, line: /^\s*(?:binding\.(?:pry|irb|b|break)|byebug)\s*(?:#.*)?$/, claim: debuggerClaim },
  { files: /_spec\.rb$/i, line: /^\s*(?:fit|fdescribe|fcontext)\s*[("'A-Z]/, claim: focusClaim },
  { files: /\.rs$/i, line: /^\s*(?:let\s[^="/]{1,80}=\s*)?dbg!\s*[([{]/, claim: debuggerClaim },
  { files: /\.exs?$/i, line: /^\s*(?:require IEx\s*;\s*)?IEx\.pry\b/, claim: debuggerClaim },
]

/** A longer line is data. */
const maxLineLength = 1_000

export function analyze(files: readonly CheckedFile[]): Finding[] {
  return files.flatMap((file) => [...analyzeLines(file), ...findConflict(file)])
}

function analyzeLines({ added, path }: CheckedFile): Finding[] {
  const wanted = leftovers.filter((leftover) => leftover.files.test(path))
  if (wanted.length === 0) return []
  return added
    .filter(({ text }) => text.length <= maxLineLength)
    .flatMap(({ line, text }) => {
      const leftover = wanted.find((one) => one.line.test(text))
      return leftover ? [findingOn('leftovers', { path, line }, leftover.claim)] : []
    })
}

const prose = /\.(?:mdx?|markdown|rst|adoc|txt)$/i

/** All three markers in their order: one alone can be a heading's underline, or part of a drawing. */
function findConflict({ added, path }: CheckedFile): Finding[] {
  if (prose.test(path)) return []
  let begin: AddedLine | undefined
  let isParted = false
  for (const line of added) {
    if (/^<{7} \S/.test(line.text)) [begin, isParted] = [line, false]
    else if (begin && /^={7}\r?$/.test(line.text)) isParted = true
    else if (begin && isParted && /^>{7} \S/.test(line.text))
      return [findingOn('leftovers', { path, line: begin.line }, conflictClaim)]
  }
  return []
}

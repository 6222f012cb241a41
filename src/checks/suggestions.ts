// Whether a file still parses when a suggestion is applied with a click. One that breaks it stays to be read, as plain code.
//
// What must always hold: a suggestion that could not be tried is not offered for a click where a grammar is known.
import type { PlacedFinding } from '../review/finding.ts'
import { applySuggestion, withoutClick } from '../review/patches/suggestion.ts'
import type { CheckedFile } from './analyzer.ts'
import { grammarFor } from '../review/code/grammar.ts'
import { runAnalyzer } from './run-analyzer.ts'

interface Try {
  finding: PlacedFinding
  /** `undefined`: the file could not be read. */
  file: CheckedFile | undefined
}

/** `readHead` answers the whole file at the reviewed head. Every finding comes back, in its order. */
export async function keepParsing(
  findings: readonly PlacedFinding[],
  readHead: (path: string) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<PlacedFinding[]> {
  const tries: Try[] = []
  for (const finding of findings.filter(isToBeTried))
    tries.push({ finding, file: await apply(finding, readHead, tries.length) })
  const files = tries.flatMap(({ file }) => file ?? [])
  const analyzed = files.length === 0 ? undefined : await runAnalyzer({ name: 'syntax', files }, { signal })
  const broken = new Set(
    tries
      .filter(({ file }) => {
        const parses = analyzed?.kind === 'done' && !analyzed.findings.some(({ path }) => path === file?.path)
        return file === undefined || !parses
      })
      .map(({ finding }) => finding),
  )
  return findings.map((finding) => (broken.has(finding) ? withoutClick(finding) : finding))
}

/** Offered for a click, in a file of which a grammar is known. */
export function isToBeTried({ path, placement }: PlacedFinding): boolean {
  return placement.kind === 'inline' && placement.suggestionFits === true && grammarFor(path) !== undefined
}

/** The file after the click as the head, the file before it as the base: what does not parse anyway is not complained about. */
async function apply(
  { path, placement, suggestion = '' }: PlacedFinding,
  readHead: (path: string) => Promise<string | undefined>,
  index: number,
): Promise<CheckedFile | undefined> {
  const base = await readHead(path)
  if (base === undefined || placement.kind !== 'inline') return undefined
  const head = applySuggestion(base, placement.anchor, suggestion)
  const added = head.split('\n').map((text, row) => ({ line: row + 1, text }))
  // Several suggestions for one file are tried one by one: the number tells them apart, and the end says which grammar.
  return { path: `${index}/${path}`, owner: '', added, removed: [], head, base }
}

// A review as SARIF 2.1.0, which editors and code scanning read.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
//
// What must always hold: a log without results means "nothing was found" only where `executionSuccessful` is true; what was
// not read is a notification.
import { createHash } from 'node:crypto'
import type { Severity } from '../review/finding.ts'
import { stripHidden } from '../review/markdown/hidden.ts'
import type { Report, Reported } from './reported.ts'

/** There is no level above `error`. The severity itself is in `properties`. */
const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
}

export function toSarif(report: Report): object {
  const { coverage, findings, headline, leftOut, status } = report
  const ruleIds = [...new Set(findings.map(({ finding }) => finding.reviewer))].toSorted()
  const unread = leftOut.filter(({ kind }) => kind === 'unread')
  const notices = [
    ...(isSuccessful(report) ? [] : [{ level: 'error', message: { text: headline } }]),
    ...unread.map(({ path, reason }) => ({ level: 'warning', message: { text: `Not read: ${path}: ${reason}` } })),
  ]
  const fingerprints = fingerprintsOf(findings)
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Plumbline', rules: ruleIds.map(toRule) } },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: isSuccessful(report), toolExecutionNotifications: notices }],
        results: findings.map((one, index) => ({
          ...toResult(one, ruleIds),
          partialFingerprints: { 'plumblineFinding/v1': fingerprints[index] },
        })),
        properties: { status, coverage, headline },
      },
    ],
  }
}

/** Skipped is an answer too: nothing needed reading. */
const isSuccessful = ({ status }: Report): boolean => status !== 'not-reviewed' && status !== 'failed'

/** A rule is a reviewer or a check. */
function toRule(id: string): object {
  const text = id.startsWith('checks:')
    ? `Found by the check ${id.slice('checks:'.length)}`
    : `Found by the reviewer ${id}`
  return { id, shortDescription: { text } }
}

function toResult(reported: Reported, ruleIds: readonly string[]): object {
  const { finding } = reported
  const { body, placement, reviewer, severity, title } = finding
  return {
    ruleId: reviewer,
    ruleIndex: ruleIds.indexOf(reviewer),
    level: levels[severity],
    message: { text: stripHidden(`${title}\n\n${body}`).trim() },
    locations: [{ physicalLocation: toLocation(reported) }],
    ...fixesOf(reported),
    properties: { severity, placement: placement.kind },
  }
}

/** Regions are of the head. Without one the file is meant. */
function toLocation({ finding, inHead }: Reported): object {
  const artifactLocation = locationOf(finding.path)
  if (!inHead) return { artifactLocation }
  return { artifactLocation, region: { startLine: inHead.startLine, endLine: inHead.line } }
}

/** A URI below the root of the repository. */
function locationOf(path: string): object {
  return { uri: path.toWellFormed().split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' }
}

/** Only what GitHub would apply with a click: it replaces exactly these lines. */
function fixesOf({ finding, inHead, side }: Reported): object {
  const { path, placement, suggestion } = finding
  const fits = placement.kind === 'inline' && placement.suggestionFits === true && side === 'RIGHT'
  if (!fits || !inHead || suggestion === undefined) return {}
  const deletedRegion = { startLine: inHead.startLine, endLine: inHead.line }
  const replacements = [{ deletedRegion, insertedContent: { text: suggestion.replace(/\r?\n$/, '') } }]
  const artifactChanges = [{ artifactLocation: locationOf(path), replacements }]
  return { fixes: [{ description: { text: 'Suggested change' }, artifactChanges }] }
}

/**
 * The same problem in another run, after lines were added above it and in other words: path, reviewer and code, and how many
 * of the same come before it.
 */
function fingerprintsOf(findings: readonly Reported[]): string[] {
  const seen = new Map<string, number>()
  return findings.map(({ code, finding }) => {
    const about = code.length > 0 ? code.map((text) => text.trim()).join('\n') : finding.title
    const hash = createHash('sha256')
      .update([finding.path, finding.reviewer, about].join('\0'))
      .digest('hex')
      .slice(0, 32)
    const nth = (seen.get(hash) ?? 0) + 1
    seen.set(hash, nth)
    return `${hash}:${nth}`
  })
}

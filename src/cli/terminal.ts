// A review as text for a terminal. Most of it was written by a model or by whoever wrote the change: what a terminal would
// obey is taken out.
import { styleText } from 'node:util'
import type { Severity } from '../review/finding.ts'
import { stripHidden } from '../review/markdown/hidden.ts'
import type { FileLeftOut } from '../review/outcome.ts'
import type { Usage } from '../eval/result.ts'
import type { Report, Reported } from './reported.ts'

type Style = Parameters<typeof styleText>[0]

const severityStyles: Readonly<Record<Severity, Style>> = {
  critical: ['bold', 'white', 'bgRed'],
  high: ['bold', 'red'],
  medium: ['bold', 'yellow'],
  low: ['bold', 'cyan'],
}
const statusStyles: Readonly<Record<Report['status'], Style>> = {
  reviewed: ['bold', 'green'],
  'partly-reviewed': ['bold', 'yellow'],
  skipped: ['bold', 'yellow'],
  'not-reviewed': ['bold', 'red'],
  failed: ['bold', 'red'],
}
/** Of code that is shown with a finding; the middle of a long range says nothing new. */
const maxCodeLines = 6

export interface Headed {
  report: Report
  /** `main..HEAD`, and the like. */
  what: string
  usage: Usage
}

/** `stream` decides about colour: NO_COLOR, FORCE_COLOR, and whether it is a terminal. */
export function terminalText({ report, usage, what }: Headed, stream: NodeJS.WriteStream): string {
  const paint = (style: Style, text: string): string => styleText(style, text, { stream })
  const { filesRead, findings, heldBack, leftOut, status, summary } = report
  const worst = status === 'reviewed' && findings.length > 0 ? 'partly-reviewed' : status
  const parts = [
    paint(statusStyles[worst], plain(report.headline)),
    paint('dim', `${what}: ${filesRead} ${filesRead === 1 ? 'file' : 'files'} read`),
    plain(summary),
    ...findings.map((one) => writeFinding(one, paint)),
    heldBack.length === 0 ? '' : paint('dim', `Held back: ${heldBack.length}. --json has them, with the reasons.`),
    listFiles('Not read', leftOut, 'unread'),
    listFiles('Left out on purpose', leftOut, 'noise'),
    paint('dim', usageText(usage)),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

type Paint = (style: Style, text: string) => string

function writeFinding(reported: Reported, paint: Paint): string {
  const { finding, line, side, startLine } = reported
  const { body, path, placement, reviewer, severity, suggestion, title } = finding
  const lines = startLine === line ? `${line}` : `${startLine}-${line}`
  const removed = side === 'LEFT' ? ' (removed)' : ''
  const head = `${paint(severityStyles[severity], severity.toUpperCase())}  ${plain(path)}:${lines}${removed}  ${paint('dim', `(${plain(reviewer)})`)}`
  const why = placement.kind === 'body' ? paint('dim', `Not in the diff: ${plain(placement.reason)}`) : ''
  return [
    head,
    indent(paint('bold', plain(title))),
    indent(paint('dim', writeCode(reported))),
    indent(plain(body)),
    suggestion === undefined ? '' : indent(`Suggested:\n${paint('green', prefix('+ ', plain(suggestion.trimEnd())))}`),
    indent(why),
  ]
    .filter((part) => part.trim() !== '')
    .join('\n')
}

function writeCode({ code, startLine }: Reported): string {
  const shown = code.slice(0, maxCodeLines).map((text, index) => `${startLine + index} | ${plain(text)}`)
  return [...shown, ...(code.length > maxCodeLines ? [`… ${code.length - maxCodeLines} more lines`] : [])].join('\n')
}

function listFiles(title: string, leftOut: readonly FileLeftOut[], kind: FileLeftOut['kind']): string {
  const files = leftOut.filter((file) => file.kind === kind)
  const rows = files.map(({ path, reason }) => `- ${plain(path)}: ${plain(reason)}`)
  return files.length === 0 ? '' : [`${title} (${files.length}):`, ...rows].join('\n')
}

function usageText({ costUsd, ms, requests, tokens }: Usage): string {
  const cost = costUsd === null || requests === 0 ? '' : `, $${costUsd.toFixed(4)}`
  return `${(ms / 1000).toFixed(1)} s, ${requests} ${requests === 1 ? 'request' : 'requests'}, ${tokens.input} tokens in (${tokens.cached} from cache), ${tokens.output} out${cost}`
}

const plain = (text: string): string => stripHidden(text).trimEnd()
const prefix = (mark: string, text: string): string => text.replaceAll(/^/gm, mark)
const indent = (text: string): string => prefix('  ', text)

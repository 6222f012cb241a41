// Every sentence that people read on GitHub. What comes from a model, a repository or an error arrives here harmless already:
// see `markdown/`. A text that was written by somebody else stands at the end of its line, so that nothing of ours follows it.
import type { Severity } from './finding.ts'
import type { CommitSha } from './ids.ts'

const grouped = new Intl.NumberFormat('en-US')
const severityNames: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
}

function counted(count: number, noun: string): string {
  return `${grouped.format(count)} ${noun}${count === 1 ? '' : 's'}`
}

function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? 'less than $0.01' : `$${usd.toFixed(2)}`
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** What a review took. Cost and time in US dollars and milliseconds, `undefined` where they are not known. */
interface Effort {
  filesRead: number
  noise: number
  tokens: number
  costUsd: number | undefined
  tookMs: number | undefined
}

const short = (sha: CommitSha): string => sha.slice(0, 7)

export const wording = {
  review: {
    head: (filesRead: number, headSha: CommitSha, findings: number): string =>
      `**Plumbline** read ${counted(filesRead, 'file')} at \`${short(headSha)}\` and has ${counted(findings, 'finding')}.`,
    finding: (severity: Severity, reviewer: string, title: string): string =>
      `**${severityNames[severity]}** (${reviewer}): ${title}`,
    place: (where: string): string => `In ${where}:`,
    lines: (first: number, last: number): string => (first === last ? `line ${last}` : `lines ${first} to ${last}`),
    mendsAlso: (title: string): string => `The same change mends this too: ${title}`,
    suggestedCode: 'Suggested code, not for applying with a click:',
    suggestionTooLong: 'There is a suggested change, too long to be shown here.',
    elsewhere: '#### Findings without a place in the diff',
    whyElsewhere: (reason: string): string => `_Why here:_ ${reason}`,
    refused: '#### Comments that GitHub did not take in the diff',
    cut: (count: number): string =>
      `${counted(count, 'more finding')} did not fit here. The review’s page on the dashboard has all of them.`,
    listed: (count: number): string => `${counted(count, 'more finding')}, a line each`,
    listedFinding: (severity: Severity, place: string, title: string): string =>
      `- **${severityNames[severity]}**, ${place}: ${title}`,
    where: (path: string, lines: string): string => `${path}, ${lines}`,
    /** What it took, as far as it is known: one line, always folded. */
    footer: ({ costUsd, filesRead, noise, tokens, tookMs }: Effort): string =>
      [
        noise === 0
          ? `${counted(filesRead, 'file')} read`
          : `${counted(filesRead, 'file')} read, ${grouped.format(noise)} left out on purpose`,
        counted(tokens, 'token'),
        ...(costUsd === undefined ? [] : [dollars(costUsd)]),
        ...(tookMs === undefined ? [] : [duration(tookMs)]),
      ].join(' · '),
    tokens: (input: number, output: number): string =>
      `${counted(input, 'token')} read and ${grouped.format(output)} written by the model.`,
  },
  files: {
    partly: (unread: number): string =>
      `**Partly reviewed.** ${unread === 0 ? 'Not everything was checked' : `Not read: ${counted(unread, 'file')}`}.`,
    unread: (count: number): string => `Not read (${grouped.format(count)})`,
    noise: (count: number): string => `Left out on purpose (${grouped.format(count)})`,
    leftOut: (path: string, reason: string): string => `- ${path}: ${reason}`,
    more: (count: number): string => `- and ${grouped.format(count)} more`,
    answer: 'a part of the model’s answer',
    unheard: (count: number): string =>
      `${counted(count, 'finding')} got no verdict and ${count === 1 ? 'is' : 'are'} held back.`,
    reviewers: 'the reviewers',
    check: (name: string): string => `the check ${name}`,
    notText: 'a file was too large, or no text',
    notParsed: (count: number, why: 'more than it reads' | 'too large, or no text') => ({
      path: 'the check syntax',
      reason: `${counted(count, 'file')} ${why}`,
    }),
  },
  check: {
    waiting: 'Waiting for a worker',
    waitingFor: (reason: string): string => `Waiting: ${reason}`,
    running: 'Reviewing',
    retrying: 'Interrupted, will be tried again',
    clean: 'Reviewed: no problems found',
    comments: (count: number): string => `Reviewed: ${counted(count, 'comment')}`,
    partly: (comments: number, unread: number): string =>
      `Partly reviewed: ${comments === 0 ? 'no problems found' : counted(comments, 'comment')}, ${unread === 0 ? 'not everything was checked' : `${counted(unread, 'file')} not read`}`,
    nothingRead: 'Not reviewed: no file was read',
    checksOnly: (comments: number): string =>
      `No model configured, checks only: ${comments === 0 ? 'no problems found' : counted(comments, 'comment')}`,
    failed: 'Not reviewed: the review failed',
    skipped: (reason: string): string => `Skipped: ${reason}`,
    superseded: (reason: string): string => `Superseded: ${reason}`,
    cancelled: (reason: string): string => `Cancelled: ${reason}`,
    noReason: 'no reason was recorded',
    filesRead: (count: number): string => `${counted(count, 'file')} read.`,
  },
  /** Why a finding is not published, told on the dashboard. */
  heldBack: {
    small: 'It is a small thing, and there was nothing larger to say.',
    refuted: 'The verifier refuted it.',
    none: 'It was not confirmed.',
    noVerdict: 'The verifier gave no verdict on it.',
    withoutEvidence: 'The verifier named no line that proves it.',
    unopened: (path: string, line: number): string => `The verifier cites ${path}:${line}, which nobody opened.`,
    tooLong: (path: string, lines: number): string =>
      `The verifier cites ${grouped.format(lines)} lines of ${path}, which names no place.`,
    said: (author: string): string => `${author} has said it on this line already.`,
  },
  /** Reasons of outcomes, told in the check run and on the dashboard. */
  reason: {
    nothingToRead: (files: number): string =>
      files === 0
        ? 'The pull request changes no files.'
        : `None of the ${counted(files, 'changed file')} needs reading.`,
    noModel: 'No model is configured.',
    suspended: "The App's installation is suspended.",
    archived: 'The repository is archived.',
    checksOnly: 'No model is configured: only the checks looked at the added lines.',
    closed: 'The pull request is closed.',
    locked: 'The conversation is locked.',
    otherBase: 'The base branch was changed.',
    newerCommit: (by: CommitSha): string => `A newer commit was pushed: ${short(by)}.`,
  },
}

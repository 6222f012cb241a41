// Writes a review: its body and its inline comments, as they are frozen on the row.
//
// What must always hold: the marker is the last line and names the hash of everything else, so whoever changes a comment
// changes the marker. No text is longer than GitHub takes; what does not fit is left out whole and counted, so that no fence
// or marker is ever cut. All foreign text goes through `markdown/`.
import { createHash } from 'node:crypto'
import type { FileDiff } from './diff.ts'
import { type Anchor, type Finding, isPublished, type PlacedFinding } from './finding.ts'
import type { ReviewId } from './ids.ts'
import { codeBlock, suggestionBlock } from './markdown/code.ts'
import { harmless, harmlessLine } from './markdown/harmless.ts'
import { foldedList, listLeftOut, pathSpan } from './markdown/left-out-list.ts'
import { firstSentences, maxSummarySentences } from './markdown/sentences.ts'
import { type Marker, parseMarker, withoutMarker, writeMarker } from './marker.ts'
import type { FileLeftOut } from './outcome.ts'
import { isCommentable } from './place.ts'
import type { InlineComment, Publication } from './publication.ts'
import type { PullRequestRef } from './pull-request.ts'
import { countFiles } from './verdict.ts'
import { wording } from './wording.ts'

/** What a publication is made of. */
export interface ReviewText {
  reviewId: ReviewId
  ref: Pick<PullRequestRef, 'kind' | 'headSha' | 'baseRef'>
  summary: string
  /** In the order of publication, as `choosePublishable` gives them. */
  findings: readonly PlacedFinding[]
  leftOut: readonly FileLeftOut[]
  filesRead: number
  tokens: { input: number; output: number }
  /** Missing where prices are not known. */
  costUsd?: number | undefined
  /** From the claim to now; missing where it is not known. */
  tookMs?: number | undefined
}

/** GitHub: "body is too long (maximum is 65536 characters)". Counted in UTF-16 units, which are never fewer. */
const maxBodyLength = 65_536
/** Kept free by findings, for the sentences that each of the two tries after a refusal may add. */
const spareLength = 500
/** Of one finding: together well under a quarter of a body, so that a few long ones still fit. */
const limits = { title: 300, body: 6_000, suggestion: 8_000, reason: 300, summary: 3_000, listedTitle: 200 }
/** Nobody reads on after that many lines. With the longest paths 14,000 UTF-16 units. */
const maxListed = 30

/** Without findings there is nothing to post: then only the check run speaks, also about files that were not read. */
export function hasSomethingToSay(findings: readonly PlacedFinding[]): boolean {
  return findings.some(isPublished)
}

/** What is held back is not in it. */
export function composePublication(review: ReviewText): Publication {
  const { ref, findings, reviewId } = review
  const comments: InlineComment[] = []
  const elsewhere: string[] = []
  for (const finding of findings) {
    const { placement } = finding
    if (placement.kind === 'inline') comments.push(toComment(finding, placement.anchor))
    else if (placement.kind === 'body') elsewhere.push(writeElsewhere(finding, placement.reason))
  }
  const identity = { kind: ref.kind, headSha: ref.headSha, baseRef: ref.baseRef, reviewId }
  const around = { before: introduction(review), after: join([listed(findings), footer(review)]) }
  const text = fill(around, { title: wording.review.elsewhere, blocks: elsewhere, room: roomFor(identity) })
  return seal(identity, { text, comments })
}

/** After GitHub refused a line: the comments that these diffs prove stay, the others move into the body. */
export function withProvedComments(publication: Publication, diffs: readonly FileDiff[]): Publication {
  const byPath = new Map(diffs.map((diff) => [diff.path, diff]))
  return keepComments(publication, (comment) => {
    const diff = byPath.get(comment.path)
    return diff !== undefined && isCommentable(anchorOf(comment), diff)
  })
}

/** After GitHub refused lines that were proved: every comment moves into the body. */
export function withoutComments(publication: Publication): Publication {
  return keepComments(publication, () => false)
}

function keepComments(publication: Publication, keep: (comment: InlineComment) => boolean): Publication {
  const marker = parseMarker(publication.body)
  if (!marker) throw new TypeError('a publication without a marker')
  const blocks = publication.comments.filter((comment) => !keep(comment)).map(writeMoved)
  const around = { before: withoutMarker(publication.body), after: '' }
  const text = fill(around, { title: wording.review.refused, blocks, room: roomFor(marker) })
  return seal(marker, { text, comments: publication.comments.filter(keep) })
}

function seal(
  identity: Omit<Marker, 'payloadHash'>,
  content: { text: string; comments: InlineComment[] },
): Publication {
  const { comments, text } = content
  const commitSha = identity.headSha
  const hashed = createHash('sha256').update(JSON.stringify([commitSha, text, comments]))
  const payloadHash = hashed.digest('hex').slice(0, 32)
  return { commitSha, body: `${text}\n\n${writeMarker({ ...identity, payloadHash })}`, comments, payloadHash }
}

function roomFor(identity: Omit<Marker, 'payloadHash'>): number {
  return maxBodyLength - '\n\n'.length - writeMarker({ ...identity, payloadHash: '0'.repeat(32) }).length
}

interface Section {
  title: string
  blocks: readonly string[]
  /** UTF-16 units for the whole text. */
  room: number
}

const join = (parts: readonly string[]): string => parts.filter(Boolean).join('\n\n')

/** Puts the section between the two texts, with as many whole blocks as there is room for. */
function fill(around: { before: string; after: string }, { blocks, room, title }: Section): string {
  const fitting: string[] = []
  let length = join([around.before, title, wording.review.cut(blocks.length), around.after]).length
  for (const block of blocks) {
    if (length + block.length + 2 > room - spareLength) continue
    fitting.push(block)
    length += block.length + 2
  }
  const missing = blocks.length - fitting.length
  const cut = missing === 0 ? '' : wording.review.cut(missing)
  return join([around.before, fitting.length === 0 ? '' : title, ...fitting, cut, around.after])
}

function introduction(review: ReviewText): string {
  const { filesRead, findings, leftOut, ref } = review
  const unread = listLeftOut(leftOut, 'unread')
  const partly = unread === '' ? [] : [wording.files.partly(countFiles(leftOut, 'unread')), unread]
  const head = wording.review.head(filesRead, ref.headSha, findings.filter(isPublished).length)
  const summary = harmless(firstSentences(review.summary, maxSummarySentences), limits.summary)
  return join([head, summary, ...partly])
}

/** The small findings, and those past the cap on comments. */
function listed(findings: readonly PlacedFinding[]): string {
  const rows = findings
    .filter(({ placement }) => placement.kind === 'listed')
    .map((finding) => {
      const title = harmlessLine(finding.title, limits.listedTitle)
      return wording.review.listedFinding(finding.severity, writePlace(finding), title)
    })
  return rows.length === 0 ? '' : foldedList(wording.review.listed(rows.length), rows, maxListed)
}

function footer({ costUsd, filesRead, leftOut, tokens, tookMs }: ReviewText): string {
  const noise = countFiles(leftOut, 'noise')
  const effort = { filesRead, noise, tokens: tokens.input + tokens.output, costUsd, tookMs }
  const summary = `<details><summary>${wording.review.footer(effort)}</summary>`
  const cost = wording.review.tokens(tokens.input, tokens.output)
  return join([summary, listLeftOut(leftOut, 'noise'), cost, '</details>'])
}

function toComment(finding: PlacedFinding, anchor: Anchor): InlineComment {
  const { line, path, side, startLine } = anchor
  const start = startLine === undefined ? {} : { start_line: startLine, start_side: side }
  return { path, body: writeFinding(finding), line, side, ...start }
}

function anchorOf({ line, path, side, start_line }: InlineComment): Anchor {
  return { path, line, side, ...(start_line === undefined ? {} : { startLine: start_line }) }
}

function writeFinding(finding: PlacedFinding): string {
  const { reviewer, severity, title } = finding
  const head = wording.review.finding(severity, harmlessLine(reviewer, 40), harmlessLine(title, limits.title))
  return join([head, harmless(finding.body, limits.body), writeSuggestion(finding)])
}

function writeSuggestion({ placement, suggestion }: PlacedFinding): string {
  if (suggestion === undefined) return ''
  if (suggestion.length > limits.suggestion) return wording.review.suggestionTooLong
  const block = placement.kind === 'inline' && placement.suggestionFits ? suggestionBlock(suggestion) : undefined
  return block ?? (suggestion.trim() === '' ? '' : `${wording.review.suggestedCode}\n\n${codeBlock(suggestion)}`)
}

function writeElsewhere(finding: PlacedFinding, reason: string): string {
  const why = wording.review.whyElsewhere(harmlessLine(reason, limits.reason))
  return join([wording.review.place(writePlace(finding)), writeFinding(finding), why])
}

/** A comment becomes a part of the body, where GitHub cannot apply a suggestion. */
function writeMoved(comment: InlineComment): string {
  const place = wording.review.place(writePlace(anchorOf(comment)))
  return join([place, comment.body.replace(/^(`{3,})suggestion$/gm, '$1')])
}

function writePlace({ line, path, startLine = line }: Pick<Finding, 'path' | 'line' | 'startLine'>): string {
  const lines = wording.review.lines(Math.min(startLine, line), Math.max(startLine, line))
  return wording.review.where(pathSpan(path), lines)
}

// The piece of a file's diff that a finding is about, with the comment under its line, as GitHub shows it.
import { html } from 'hono/html'
import { type Hunk, type Line, parseFilePatch } from '../review/diff.ts'
import type { Anchor } from '../review/finding.ts'
import type { Html } from './layout.ts'

/** Lines shown above and below those that the finding is about. */
const around = { above: 6, below: 3 }

/** `undefined` when the patch has no such place. The anchor was proved against this patch when the review was made. */
export function hunkWithComment(patch: string, anchor: Anchor, comment: Html): Html | undefined {
  const diff = parseFilePatch({ path: anchor.path, patch })
  if ('kind' in diff) return undefined
  for (const hunk of diff.hunks) {
    const last = hunk.lines.findIndex((line) => numberOn(line, anchor) === anchor.line)
    if (last >= 0) return excerpt({ hunk, anchor, last }, comment)
  }
  return undefined
}

function numberOn(line: Line, { side }: Anchor): number | undefined {
  return side === 'RIGHT' ? line.newLine : line.oldLine
}

function excerpt({ anchor, hunk, last }: { hunk: Hunk; anchor: Anchor; last: number }, comment: Html): Html {
  const { lines } = hunk
  const first = lines.findIndex((line) => numberOn(line, anchor) === (anchor.startLine ?? anchor.line))
  const from = Math.max(0, Math.min(first < 0 ? last : first, last) - around.above)
  const below = lines.slice(last + 1, last + 1 + around.below)
  const isMeant = (line: Line): boolean => lines.indexOf(line) >= first && lines.indexOf(line) <= last
  return html`<div class="hunk">
    <p class="hunk-head">
      <code>@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@ ${hunk.section}</code>
    </p>
    ${lineTable(lines.slice(from, last + 1), isMeant)}
    <div class="comment">${comment}</div>
    ${below.length === 0 ? '' : lineTable(below, () => false)}
  </div>`
}

const signs = { added: '+', removed: '−', context: ' ' } as const

function lineTable(lines: readonly Line[], isMeant: (line: Line) => boolean): Html {
  return html`<table class="lines">
    <tbody>
      ${lines.map(
        (line) =>
          html`<tr class="${line.kind}${isMeant(line) ? ' meant' : ''}">
            <td class="line-number">${line.oldLine ?? ''}</td>
            <td class="line-number">${line.newLine ?? ''}</td>
            <td class="sign">${signs[line.kind]}</td>
            <td class="code">${line.text}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

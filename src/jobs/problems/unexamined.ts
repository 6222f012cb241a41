import type { ChangedFile } from '../../review/pull-request.ts'
import { wording } from '../../review/wording.ts'
import type { Examination } from '../ports.ts'

/** What stands in for the reviewers where no model is configured: the review is the checks alone, and says so. */
export function unexamined(files: readonly ChangedFile[]): Examination {
  return {
    summary: wording.reason.checksOnly,
    findings: [],
    filesRead: files.length,
    leftOut: [{ kind: 'unread', path: wording.files.reviewers, reason: wording.reason.noModel, files: 0 }],
    malformed: [],
  }
}

// A rule that is switched off where it rings is no rule. An exception to a size belongs into `alarms.ts`; an exception to a lint rule,
// into `.oxlintrc.json`; a type that will not fit, into a function that checks it.
import type { SourceFile } from './source-files.ts'

const silencer = /(?:ox|es)lint-disable|@ts-(?:ignore|expect-error|nocheck)|oxfmt-ignore|prettier-ignore/

/** One sentence for each comment that silences a checker. */
export function silencedLint(files: SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n')
    return lines.flatMap((line, at) => {
      const found = silencer.exec(line)?.[0]
      return found === undefined
        ? []
        : [`src/${path}:${at + 1}: ${found}: put the cause right, or say the exception once for all to see`]
    })
  })
}

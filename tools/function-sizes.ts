// Functions and their parameters are counted by the lint, which knows where a function ends; the numbers are ours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ceilingOf, raised } from './alarms.ts'
import { failureOf } from './command.ts'

/** What the lint says; empty when no function below these paths is too long or takes too much. */
export function functionMistakes(paths: string[], exceptions = raised): string {
  const files = new Set(Object.keys(exceptions).map((key) => key.split(' ')[1] ?? ''))
  const config = {
    categories: { correctness: 'off' },
    rules: rulesFor('', exceptions),
    overrides: [...files].filter(Boolean).map((file) => ({ files: [`**/${file}`], rules: rulesFor(file, exceptions) })),
  }
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-sizes-'))
  try {
    writeFileSync(join(dir, 'sizes.json'), JSON.stringify(config))
    return failureOf('oxlint', ['-c', join(dir, 'sizes.json'), ...paths])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function rulesFor(file: string, exceptions: Readonly<Record<string, number>>): object {
  const lines = ceilingOf('functionLines', file, exceptions)
  return {
    'max-lines-per-function': ['error', { max: lines, skipBlankLines: false, skipComments: false }],
    'max-params': ['error', { max: ceilingOf('parameters', file, exceptions) }],
  }
}

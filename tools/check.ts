// `npm run check`: types, format, lint, import rule, size alarms. Runs everything, then says everything that is wrong.
import { readFileSync } from 'node:fs'
import { failureOf } from './command.ts'
import { functionMistakes } from './function-sizes.ts'
import { importMistakes, undeclaredPackages } from './import-rule.ts'
import { missingEntries, readLockFile } from './lock-file.ts'
import { silencedLint } from './silenced-lint.ts'
import { sizeMistakes, totals } from './size-alarms.ts'
import { readSourceFiles } from './source-files.ts'

interface Step {
  name: string
  /** What is wrong; empty when nothing is. */
  run(): string
}

const files = readSourceFiles()
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }

const steps: Step[] = [
  { name: 'types', run: () => failureOf('tsc', ['-p', '.']) },
  { name: 'format', run: () => failureOf('oxfmt', ['--check', '.']) },
  { name: 'lint', run: () => failureOf('oxlint', ['--type-aware', '.']) },
  { name: 'lint sees a promise that nobody waits for', run: canary },
  { name: 'lint is silenced nowhere', run: () => silencedLint(files).join('\n') },
  {
    name: 'import rule',
    run: () => [...importMistakes(files), ...undeclaredPackages(files, Object.keys(dependencies))].join('\n'),
  },
  { name: 'lock file', run: lockFile },
  {
    name: 'size alarms',
    run: () => [...sizeMistakes(files), functionMistakes(['src', 'tools'])].filter(Boolean).join('\n'),
  },
]

const failed: string[] = []
for (const step of steps) {
  const started = performance.now()
  const wrong = step.run()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${wrong === '' ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s)`)
  if (wrong === '') continue
  failed.push(step.name)
  console.log(wrong.replaceAll(/^/gm, '     '))
}
const sizes = Object.entries(totals(files)).map(([name, lines]) => `${name} ${lines}`)
console.log(`lines of code: ${sizes.join(', ')}`)
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`)
process.exitCode = failed.length === 0 ? 0 : 1

function lockFile(): string {
  const missing = missingEntries(readLockFile()).map(([path]) => path)
  return missing.length === 0
    ? ''
    : `npm ci will refuse it; run "node tools/lock-file.ts". Missing:\n${missing.join('\n')}`
}

/** Without types the lint passes such a file silently, so a file that must fail proves that it looks, with our own rules. */
function canary(): string {
  const said = failureOf('oxlint', [
    '--type-aware',
    '-c',
    'tools/canary/oxlint.json',
    'tools/canary/floating-promise.ts',
  ])
  return said.includes('no-floating-promises') ? '' : `tools/canary/floating-promise.ts passed the lint\n${said}`.trim()
}

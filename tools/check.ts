// `npm run check`: types, format, lint, import rule, size alarms. Runs everything, then says everything that is wrong.
import { spawnSync } from 'node:child_process'
import { importMistakes } from './import-rule.ts'
import { sizeMistakes, totals } from './size-alarms.ts'
import { readSourceFiles } from './source-files.ts'

interface Step {
  name: string
  /** What is wrong; empty when nothing is. */
  run(): string
}

const files = readSourceFiles()

const steps: Step[] = [
  { name: 'types', run: () => failureOf('tsc', ['-p', '.']) },
  { name: 'format', run: () => failureOf('oxfmt', ['--check', '.']) },
  { name: 'lint', run: () => failureOf('oxlint', ['--type-aware', 'src', 'test', 'tools']) },
  { name: 'lint sees a promise that nobody waits for', run: canary },
  { name: 'import rule', run: () => importMistakes(files).join('\n') },
  { name: 'size alarms', run: () => sizeMistakes(files).join('\n') },
]

const failed: string[] = []
for (const step of steps) {
  const started = performance.now()
  const wrong = step.run()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${wrong === '' ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s)`)
  if (wrong !== '') {
    failed.push(step.name)
    console.log(wrong.replaceAll(/^/gm, '     '))
  }
}
const sizes = Object.entries(totals(files)).map(([name, lines]) => `${name} ${lines}`)
console.log(`lines of code: ${sizes.join(', ')}`)
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Everything that the command printed, when it failed. */
function failureOf(command: string, args: string[]): string {
  const ran = spawnSync(command, args, { encoding: 'utf8' })
  if (ran.error) return `${command} could not be run: ${ran.error.message}`
  return ran.status === 0
    ? ''
    : `${ran.stdout}${ran.stderr}`.trimEnd() || `${command} exited with ${String(ran.status)}`
}

/** Without types the lint passes such a file silently, so a file that must fail proves that it looks. */
function canary(): string {
  const ran = spawnSync(
    'oxlint',
    ['--type-aware', '-c', 'tools/canary/oxlint.json', 'tools/canary/floating-promise.ts'],
    { encoding: 'utf8' },
  )
  const seen = ran.status !== 0 && ran.stdout.includes('no-floating-promises')
  return seen ? '' : `tools/canary/floating-promise.ts passed the lint:\n${ran.stdout}${ran.stderr}`
}

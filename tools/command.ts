import { spawnSync } from 'node:child_process'
import { delimiter, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** The project's own tools come first, also when no npm script started us. */
const path = `${resolve('node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`

/** Everything that the command printed, without colours, which some tools use wherever CI is set; empty when it did not fail. */
export function failureOf(command: string, args: string[]): string {
  const ran = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, PATH: path } })
  if (ran.error) return `${command} could not be run: ${ran.error.message}`
  if (ran.status === 0) return ''
  return (
    stripVTControlCharacters(`${ran.stdout}${ran.stderr}`).trim() ||
    `${command} ended with ${String(ran.status ?? ran.signal)}`
  )
}

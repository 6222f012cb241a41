// Runs before the npm scripts, and is plain JavaScript: an old Node refuses a .ts file before it reads a line of it, so no .ts file
// can say what is wrong. Must stay readable for Node 14.
import { readFileSync } from 'node:fs'

/**
 * One sentence, or '' when this Node will do. Both look like `24.12.0`; of `needed`, `>=` is left out and what is missing is 0.
 * @param {string} version @param {string} needed
 */
export function whyNot(version, needed) {
  const wanted = needed.replace('>=', '').split('.').map(Number)
  const found = version.split('.').map(Number)
  const at = wanted.findIndex((part, index) => part !== found[index])
  if (at === -1 || wanted[at] < found[at]) return ''
  return `Plumbline needs Node ${wanted.join('.')} or newer, and this is ${version}: install it, or let "npm ci" bring it (Linux and Windows on x64, Linux on arm64).`
}

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const reason = whyNot(process.versions.node, engines.node)
if (reason !== '') {
  process.stderr.write(`${reason}\n`)
  process.exitCode = 1
}

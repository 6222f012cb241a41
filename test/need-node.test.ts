import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** The sentence for these versions, from the file as a process of its own runs it. */
function whyNot(version: string, needed: string): string {
  const script = `import('./src/need-node.js').then((m) => process.stdout.write(m.whyNot(${JSON.stringify(version)}, ${JSON.stringify(needed)})))`
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })
}

test('an older Node is refused in one sentence that names both versions', () => {
  const reasons = [whyNot('20.20.2', '>=24.12'), whyNot('24.11.1', '>=24.12')]

  expect(reasons[0]).toMatch(/^Plumbline needs Node 24\.12 or newer, and this is 20\.20\.2: .*\.$/)
  expect(reasons[1]).toContain('this is 24.11.1')
})

test('the same version and every newer one will do', () => {
  const reasons = ['24.12.0', '24.21.0', '26.0.0'].map((version) => whyNot(version, '>=24.12'))

  expect(reasons).toEqual(['', '', ''])
})

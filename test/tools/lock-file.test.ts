import { expect, test } from 'vitest'
import { missingEntries } from '../../tools/lock-file.ts'

const asks = { dev: true, optionalDependencies: { '@a/binding-linux-x64-musl': '1.2.3', '@a/win32-arm64': '1.2.3' } }

test('an optional package of another platform that the lock file leaves out is found, with what its name says', () => {
  const missing = missingEntries({ packages: { 'node_modules/a': asks } })

  expect(missing).toEqual([
    [
      'node_modules/@a/binding-linux-x64-musl',
      { version: '1.2.3', cpu: ['x64'], dev: true, optional: true, os: ['linux'], libc: ['musl'] },
    ],
    ['node_modules/@a/win32-arm64', { version: '1.2.3', cpu: ['arm64'], dev: true, optional: true, os: ['win32'] }],
  ])
})

test('a complete lock file lacks nothing', () => {
  const packages = {
    'node_modules/a': asks,
    'node_modules/@a/binding-linux-x64-musl': {},
    'node_modules/@a/win32-arm64': {},
  }

  expect(missingEntries({ packages })).toEqual([])
})

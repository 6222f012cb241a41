import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { envLine, setVariables, writeEnvFile } from '../../../src/http/setup/env-file.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'plumbline-env-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\nabc\n-----END RSA PRIVATE KEY-----\n'

test('where the file cannot be written, nothing is changed and nothing is left behind', async () => {
  const path = join(folder, 'a-folder')
  mkdirSync(path)

  const written = await writeEnvFile(path, { APP_ID: '1' })

  expect(written).toBe(false)
  expect(readdirSync(folder)).toEqual(['a-folder'])
})

test('the folder that is missing is no reason to throw', async () => {
  expect(await writeEnvFile(join(folder, 'none', '.env'), { APP_ID: '1' })).toBe(false)
})

test('only its owner may read the file, also when it was open to all before', async () => {
  const path = join(folder, '.env')
  writeFileSync(path, 'PORT=4000\n')
  chmodSync(path, 0o644)

  await writeEnvFile(path, { APP_ID: '12' })

  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).toBe('PORT=4000\nAPP_ID=12\n')
})

test('every other line stays as it was', () => {
  const before = '# The App\nAPP_ID=\nexport PORT = 4000\n\n#APP_ID=7'

  const after = setVariables(before, { APP_ID: '12', WEBHOOK_SECRET: 'abc' })

  expect(after).toBe('# The App\nAPP_ID=12\nexport PORT = 4000\n\n#APP_ID=7\nWEBHOOK_SECRET=abc\n')
})

test('a key comes back as it was', () => {
  const parsed = parseEnv(setVariables('', { PRIVATE_KEY: pem, APP_ID: '12' }))

  expect(parsed).toEqual({ PRIVATE_KEY: pem.trim(), APP_ID: '12' })
})

test('a value with a hash or a blank is quoted', () => {
  expect(envLine('WEBHOOK_SECRET', 'a #b')).toBe('WEBHOOK_SECRET="a #b"')
  expect(envLine('WEBHOOK_PROXY_URL', 'https://smee.io/abc')).toBe('WEBHOOK_PROXY_URL=https://smee.io/abc')
})

import { describe, expect, test } from 'vitest'
import {
  createMaskedCodebase,
  createMaskedJournal,
  createMaskedReader,
  maskSecrets,
} from '../../src/checks/mask-secrets.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { changeOf, modified } from '../agent/changes.ts'
import { createLibrary } from '../agent/library.ts'
import { awsKey, gitHubToken, privateKeyBody, privateKeyLines, randomValue } from './made-up.ts'
import { createRecordingJournal } from './recording-journal.ts'

describe('taking secrets out', () => {
  test.each([
    ['a GitHub token', `const t = "${gitHubToken}"`, gitHubToken],
    ['one behind a comment that switches the scanner off', `// secretlint-disable\nt = "${gitHubToken}"`, gitHubToken],
    ['an AWS key id', `key=${awsKey}`, awsKey],
    ['a private key in lines', privateKeyLines.join('\n'), privateKeyBody],
    ['a private key in one line', `"${privateKeyLines.join('\\n')}"`, privateKeyBody],
    ['a private key that is cut off', privateKeyLines.slice(0, 2).join('\n'), privateKeyBody],
    ['a password in a database URL', `postgres://shop:${randomValue}@db.internal/shop`, randomValue],
    ['a quoted value with a name', `apiKey: '${randomValue}'`, randomValue],
    ['a value with a name in JSON', `{"client_secret": "${randomValue}"}`, randomValue],
    ['a line of an environment file', `STRIPE_SECRET_KEY=${randomValue}\nNEXT=1`, randomValue],
    ['an authorization header', `-H 'Authorization: Bearer ${randomValue}'`, randomValue],
  ])('%s: same length, same lines, nothing left of it', async (_, text, secret) => {
    const masked = await maskSecrets(text)

    expect(masked).not.toContain(secret)
    expect(masked.split('\n').map((line) => line.length)).toEqual(text.split('\n').map((line) => line.length))
    expect(masked).toMatch(/█[\w ]*(?:key|token|secret)█/)
  })

  test.each([
    'const token = request.headers["x-request-token"]',
    'password: process.env.DATABASE_PASSWORD',
    "apiKey: 'YOUR_API_KEY_GOES_HERE_12'",
    "secret: 'changeme1234567890'",
    "secretName: 'projects/shop/secrets/database-2'",
    "const tokenUrl = 'https://login.shop.org/oauth2/token'",
    "import { accessTokenFromV2Header } from './access-token.ts'",
    'password: passwordFromVault2',
    'token: ${{ secrets.RELEASE_TOKEN_2 }}',
    "i18n.t('auth.password.too_short_8')",
    `${'-----'}BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----`,
    '"integrity": "sha512-q7Zk29sLx0VpW3vN8cYtB4mR6hJdE1gUfA5iq7Zk29sLx0VpW3vN8c=="',
    'const sha = "3f786850e387550fdab836ed7e6dc881de23001b"',
    'progress: ████████░░░░ 60 %',
  ])('leaves alone: %s', async (text) => {
    const masked = await maskSecrets(text)

    expect(masked).toBe(text)
  })

  test('done twice changes nothing more', async () => {
    const once = await maskSecrets(`token = "${gitHubToken}"; secret = "${randomValue}"; ${privateKeyLines.join('\n')}`)

    const twice = await maskSecrets(once)

    expect(twice).toBe(once)
  })

  test.each([
    ['one long word', 'a'.repeat(1_000_000)],
    ['names without values', 'secret_token_'.repeat(80_000)],
    ['names and blanks', `${'password   '.repeat(90_000)}=`],
    ['beginnings of keys', `${'-----BEGIN PRIVATE KEY-----\n'.repeat(38_000)}`],
    ['beginnings of keys on one line', `${'-----BEGIN PRIVATE KEY-----AAAA'.repeat(33_000)}`],
    ['URLs', 'https://a:'.repeat(100_000)],
    ['halves of web tokens', 'eyJaaaaaaaaaaaa.'.repeat(62_000)],
    ['openings of quotes', 'token: "q7'.repeat(100_000)],
    ['a value that never ends', `token: "${'q7Zk'.repeat(250_000)}`],
  ])('1 MB of %s costs no more than its length', async (_, text) => {
    const started = performance.now()

    const masked = await maskSecrets(text)

    expect(masked.length).toBe(text.length)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

describe('the doors', () => {
  test('what a step stores and answers has placeholders, and patches keep their lines', async () => {
    const added = ['const key = [', ...privateKeyLines, ']'].map((line) => `+${line}`)
    const path = `docs/${gitHubToken}.md`
    const file = modified(path, `@@ -0,0 +1,${added.length} @@\n${added.join('\n')}`)
    const journal = createRecordingJournal()

    const output = await createMaskedJournal(journal).step('change', { asked: gitHubToken }, async () => ({
      output: { files: [file], commits: [`Use ${awsKey}`] },
    }))

    expect(JSON.stringify(journal.stored)).not.toContain(privateKeyBody)
    expect(JSON.stringify([journal.stored[0], output.commits])).not.toMatch(new RegExp(`${awsKey}|${gitHubToken}`))
    const [masked] = output.files
    const diff = parseFilePatch(masked ?? file)
    expect(masked?.path).toBe(path)
    expect('hunks' in diff && diff.hunks[0]?.lines.map((line) => line.text.length)).toEqual(
      added.map((line) => line.length - 1),
    )
  })

  test('title and description are read without secrets', async () => {
    const { ref, state } = changeOf([], { title: `Rotate ${gitHubToken}`, body: `It was ${awsKey}.` })
    const reader = createMaskedReader({ readState: async () => state, readChange: async () => undefined })

    const read = await reader.readState(ref, new AbortController().signal)

    expect(read.title).toMatch(/^Rotate █GitHub token█+$/)
    expect(read.body).toMatch(/^It was █AWS key█+\.$/)
  })

  test('lines in the middle of a key are masked, although they do not look like one', async () => {
    const { codebase } = createLibrary({ 'key.ts': ['const key = `', ...privateKeyLines, '`'].join('\n') })
    const { signal } = new AbortController()
    const masked = createMaskedCodebase(codebase)

    const text = await masked.readFile('key.ts', 'head', signal)
    const query = { pattern: privateKeyBody.slice(0, 10), kind: 'literal', wholeWord: false, most: 10 } as const
    const found = await masked.search?.(query, signal)

    expect(text?.split('\n')[2]).toBe('█'.repeat(privateKeyBody.length))
    expect(found?.hits).toEqual([{ path: 'key.ts', line: 3, text: '█'.repeat(privateKeyBody.length) }])
  })

  test('subjects of commits are masked before whoever asked cuts them', async () => {
    const commit = {
      sha: 'b'.repeat(40),
      date: '2026-03-02T09:00:00.000Z',
      subject: `Remove ${gitHubToken}`,
      lines: [3],
    }
    const { codebase } = createLibrary({}, { history: async () => [commit] })

    const commits = await createMaskedCodebase(codebase).history?.(
      'a.ts',
      { first: 3, last: 3 },
      new AbortController().signal,
    )

    expect(commits).toEqual([{ ...commit, subject: expect.stringMatching(/^Remove █GitHub token█+$/) }])
  })

  test('a hit in a file that cannot be read whole is masked where it may be a part of a key', async () => {
    const { codebase } = createLibrary({ 'key.pem': privateKeyLines.join('\n') }, { readFile: async () => undefined })
    const { signal } = new AbortController()
    const query = { pattern: privateKeyBody, kind: 'literal', wholeWord: false, most: 10 } as const

    const found = await createMaskedCodebase(codebase).search?.(query, signal)

    expect(found?.hits[0]?.text).toMatch(/^█secret█+$/)
  })
})

import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLog } from '../src/log.ts'

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NTYifQ.c2lnbmF0dXJlLXBsYW50ZWQ'
const password = 'correct "horse" battery\\staple'

function captured(secrets: string[] = []) {
  const lines: string[] = []
  const log = createLog({ level: 'trace', secrets, stream: { write: (line) => void lines.push(line) } })
  return { log, lines, text: () => lines.join('') }
}

const planted: [name: string, text: string, secret: string][] = [
  ['an installation token', 'with ghs_16C7e42F292c6912E7710c838347Ae178B4a', 'ghs_16C7'],
  ['a long installation token', 'ghs_abc.def-GHI_jkl0123456789.mno', 'GHI_jkl'],
  ['a personal token', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F'],
  ['an OAuth token', 'gho_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F'],
  ['a user token', 'ghu_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F'],
  ['a refresh token', 'ghr_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F'],
  ['a fine-grained token', 'github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuV', '11ABCDEFG'],
  ['a JSON web token', `token is ${jwt}.`, 'c2lnbmF0'],
  ['a private key', `key: ${pem}`, pem.slice(60, 100)],
  ['a private key on one line', pem.replaceAll('\n', '\\n'), pem.slice(60, 100)],
  ['a private key that was cut off', pem.slice(0, 400), pem.slice(60, 100)],
  ['a bearer header', 'authorization: Bearer abcdefghijklmnop1234', 'abcdefghijklmnop'],
  ['a basic header', 'Basic dXNlcjpwYXNzd29yZDEyMzQ=', 'dXNlcjpw'],
  ['a token header', 'authorization: token 0123456789abcdef0123', '0123456789abcdef'],
  ['a database URL', 'connect postgres://plumbline:s3cr3t-pw@db/plumbline', 's3cr3t-pw'],
  ['a password with an at sign', 'redis://default:s3cr3t@pw@cache:6379', 's3cr3t'],
  ['a clone URL', 'https://x-access-token:abc123abc@github.com/o/r.git', 'abc123abc'],
  ['a model key', 'Incorrect API key provided: sk-proj-0123456789abcdefghij', '0123456789abcdefghij'],
  ['a signature', 'x-hub-signature-256: sha256=' + 'ab'.repeat(32), 'abababab'],
  ['a password without a shape', `login with ${password} failed`, 'battery'],
]

test.each(planted)('%s does not come out as a field, a message or an error', (_, text, secret) => {
  const { log, lines, text: written } = captured([password])

  log.info({ field: text, deep: { list: [{ text }] } }, 'fixed text')
  log.info(text)
  log.error({ err: new Error(text, { cause: new Error(text) }) }, 'failed')
  log.warn({ err: new AggregateError([new Error(text)], text) }, 'failed')
  log.child({ text }).debug('child')

  expect(written()).not.toContain(secret)
  expect(written().match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(8)
  expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'))
})

test.each(['authorization', 'Cookie', 'password', 'WEBHOOK_SECRET', 'apiKey', 'private_key', 'access-token', 'token'])(
  'whatever is called %s does not come out',
  (name) => {
    const { log, lines, text } = captured()

    log.info({ headers: { [name]: 'pl"ant\\ed' }, tokens: 12 }, 'fixed text')

    expect(text()).not.toContain('ant')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      headers: { [name]: '[redacted]' },
      tokens: 12,
      msg: 'fixed text',
    })
  },
)

test("an error's request, response and event stay behind", () => {
  const { log, lines, text } = captured()
  const error = Object.assign(new Error('Not Found'), {
    status: 404,
    code: 'E_NOT_FOUND',
    request: { headers: { 'x-custom': 'planted' }, body: 'a diff: planted' },
    event: { payload: { planted: true } },
  })

  log.error({ err: error, delivery: 'd-1' }, 'read failed')

  expect(text()).not.toContain('planted')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    delivery: 'd-1',
    err: { name: 'Error', message: 'Not Found', status: 404, code: 'E_NOT_FOUND' },
  })
})

test('a line without secrets is left as it is', () => {
  const { log, lines } = captured()
  const fields = {
    pullRequest: 'octo-org/hello-world#12',
    url: 'https://github.com:443/a@b',
    ratio: '12:30@work',
    tokenCount: 5,
  }

  log.info(fields, 'review ended')

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ ...fields, msg: 'review ended' })
})

test('a long hostile line is cleaned in no time', () => {
  const { log } = captured()
  const started = performance.now()

  for (const piece of ['ey-', '"secret', 'a://b:', '-----BEGIN ', 'gh', '\\n', 'Bearer '])
    log.info({ text: piece.repeat(200_000 / piece.length) }, 'fixed text')

  expect(performance.now() - started).toBeLessThan(2000)
})

test('lines below the level are not written', () => {
  const lines: string[] = []
  const log = createLog({ level: 'warn', secrets: [], stream: { write: (line) => void lines.push(line) } })

  log.info('quiet')
  log.warn('loud')

  expect(lines).toHaveLength(1)
})

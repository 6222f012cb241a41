import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { maskKeyRows } from '../../src/checks/key-rows.ts'
import { createMaskedJournal } from '../../src/checks/mask-secrets.ts'
import { analyze } from '../../src/checks/secrets.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { createRecordingJournal } from './recording-journal.ts'
import { wholeFile } from './made-up.ts'

const dashes = '-----'

/** Bytes that look random and are the same each time, as a key's rows. */
function rowsOf(bytes: number, width: number, seed = 'key'): string[] {
  const blocks = Array.from({ length: Math.ceil(bytes / 64) }, (_, index) =>
    createHash('sha512').update(`${seed} ${index}`).digest(),
  )
  return (
    Buffer.concat(blocks)
      .subarray(0, bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  )
}

function keyOf(bytes: number, width: number, kind = 'PRIVATE KEY'): string[] {
  return [`${dashes}BEGIN ${kind}${dashes}`, ...rowsOf(bytes, width), `${dashes}END ${kind}${dashes}`]
}

const encrypted = keyOf(610, 64, 'RSA PRIVATE KEY')
encrypted.splice(1, 0, 'Proc-Type: 4,ENCRYPTED', 'DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF', '')
const quoted = keyOf(610, 64).map((row) => `  '${row}\\n' +`)
const inYaml = keyOf(610, 64).map((row) => `    ${row}`)
const commented = keyOf(610, 64).map((row) => `# ${row}`)
const inPython = keyOf(610, 64).map((row) => `    b"${row}\\n"`)

async function maskPatch(patch: string): Promise<string> {
  const masked = createMaskedJournal(createRecordingJournal())
  const { patch: text } = await masked.step('change', {}, async () => ({ output: { patch } }))
  return text
}

/** With context, added and removed lines in turn. */
function hunkOf(rows: readonly string[]): string {
  const marked = rows.map((row, index) => ` +-`.charAt(index % 3) + row)
  const lines = { old: rows.filter((_, index) => index % 3 !== 1), new: rows.filter((_, index) => index % 3 !== 2) }
  return [`@@ -7,${lines.old.length} +7,${lines.new.length} @@`, ...marked].join('\n')
}

/** Every run of lines that a hunk could be. */
function windowsOf(lines: readonly string[]): string[] {
  return lines.flatMap((_, first) => lines.slice(first).map((__, more) => hunkOf(lines.slice(first, first + more + 1))))
}

const code = ['import { sign } from "./sign.ts"', '', 'export const issuedBy = "shop"']

test.each([
  ['RSA in PEM', keyOf(610, 64)],
  ['an elliptic curve in PEM, whose last row is long', keyOf(138, 64)],
  ['OpenSSH', keyOf(400, 70, 'OPENSSH PRIVATE KEY')],
  ['as wide as MIME allows', keyOf(610, 76)],
  ['encrypted, with headers before the rows', encrypted],
  ['quoted, with line breaks written out', quoted],
  ['indented', inYaml],
  ['in a comment', commented],
  ['in bytes of Python', inPython],
])('wherever a hunk begins and ends, nothing is left of a key: %s', async (_, key) => {
  const windows = windowsOf([...code, ...key, ...code])

  const masked = await Promise.all(windows.map(maskPatch))

  expect(masked.filter((patch) => /[A-Za-z0-9+/=]{48}/.test(patch))).toEqual([])
  expect(masked.map((patch) => patch.split('\n').map((row) => row.length))).toEqual(
    windows.map((patch) => patch.split('\n').map((row) => row.length)),
  )
})

test('nothing is left of two keys of which one takes the place of the other', async () => {
  const [older, newer] = [rowsOf(600, 64, 'older'), rowsOf(600, 64, 'newer')]
  const rows = [...older.slice(0, 3).map((row) => ` ${row}`), ...older.slice(3, 5).map((row) => `-${row}`)]

  const masked = await maskPatch(['@@ -9,5 +9,4 @@', ...rows, `+${newer[3]}`].join('\n'))

  expect(masked).not.toMatch(/[A-Za-z0-9+/]{48}/)
})

test('a row that git shows as the section of a hunk is masked, and the numbers before it are not', async () => {
  const [row = ''] = rowsOf(48, 64)

  const masked = await maskPatch(`@@ -7,1 +7,1 @@ ${row}\n-a\n+b\n\\ No newline at end of file`)

  expect(masked).toBe(`@@ -7,1 +7,1 @@ █base64${'█'.repeat(57)}\n-a\n+b\n\\ No newline at end of file`)
})

test('a key that begins in one hunk and ends in another leaves both to be read', async () => {
  const key = keyOf(610, 64)
  const hunks = [hunkOf([...code, ...key.slice(0, 3)]), hunkOf([...key.slice(-3), ...code]).replaceAll('7,', '40,')]

  const masked = await maskPatch(hunks.join('\n'))

  const diff = parseFilePatch({ path: 'key.ts', patch: masked })
  expect('hunks' in diff && diff.hunks.map((hunk) => hunk.lines.length)).toEqual([6, 6])
  expect(masked).not.toMatch(/[A-Za-z0-9+/]{48}/)
})

test('rows that only look like those of a key are no finding', async () => {
  const rows = rowsOf(300, 64)

  const masked = maskKeyRows(rows.join('\n'))

  expect(masked).toMatch(/^█base64█+\n/)
  expect(analyze([wholeFile('deploy/server.crt', masked)])).toEqual([])
})

const [first = '', second = ''] = rowsOf(96, 64)
test.each([
  ['a picture in one line', `.logo { background: url(data:image/png;base64,${first}${second}) }`],
  [
    'a hash of a lock file',
    ['a', 'b'].map(() => `      "integrity": "sha512-${first}${second.slice(0, 22)}==",`).join('\n'),
  ],
  ['hashes in hexadecimal', [first, second].map((row) => Buffer.from(row).toString('hex').slice(0, 64)).join('\n')],
  [
    'long names',
    'expectThatNothingIsLeftWhenEverythingWasTakenOutOfIt()\nexpectThatNothingIsLeftWhenEverythingWasTakenOutOfUs()',
  ],
  [
    'paths',
    '  "./src/application/notifications/templates/Welcome2.tsx",\n  "./src/application/notifications/templates/Goodbye.tsx",',
  ],
  ['named values', `first: ${first}\nsecond: ${second}`],
  ['a value alone among code', `expect(sign(text)).toBe(\n  '${first}',\n)`],
  ['a value, and a name as long as it', `call(\n  '${first}',\n  ${'a'.repeat(64)},\n)`],
])('left alone: %s', (_, text) => {
  const masked = maskKeyRows(text)

  expect(masked).toBe(text)
})

test.each([
  ['rows', `${first}\n`.repeat(16_000)],
  ['rows, with line breaks written out', `${first}\\n`.repeat(16_000)],
  ['one long run', 'Ab1'.repeat(350_000)],
  ['short runs', `${'Ab1'.repeat(4)} `.repeat(80_000)],
  ['signs', '+'.repeat(1_000_000)],
  ['backslashes', '\\'.repeat(1_000_000)],
  ['headers', `@@ -1 +1 @@ ${first}\n`.repeat(13_000)],
])('1 MB of %s costs no more than its length', async (_, patch) => {
  const started = performance.now()

  const masked = await maskPatch(patch)

  expect(masked.length).toBe(patch.length)
  expect(performance.now() - started).toBeLessThan(3_000)
})

import { expect, test } from 'vitest'
import { findSecrets } from '../../src/checks/find-secrets.ts'
import { maskSecrets } from '../../src/checks/mask-secrets.ts'
import { analyze } from '../../src/checks/secrets.ts'
import { gitHubToken, privateKeyLines, randomValue, told, wholeFile } from './made-up.ts'

const readFileWith = async (path: string, text: string) => wholeFile(path, await maskSecrets(text))

test('a token is found, critical, and the finding does not show it', async () => {
  const file = await readFileWith('src/mail.ts', `import x\nconst token = '${gitHubToken}'`)

  const findings = analyze([file])

  expect(told(findings)).toEqual(['2 What looks like a GitHub token is part of this change'])
  expect(findings[0]).toMatchObject({ reviewer: 'checks:secrets', severity: 'critical', side: 'RIGHT' })
  expect(JSON.stringify(findings)).not.toContain(gitHubToken)
})

test('a key of many lines is one finding, where it begins', async () => {
  const file = await readFileWith('deploy/key.pem', `\n${privateKeyLines.join('\n')}\n`)

  const findings = analyze([file])

  expect(told(findings)).toEqual(['2 What looks like a private key is part of this change'])
})

test('what only looks random is less severe, and no finding at all among tests and examples', async () => {
  const line = `apiKey: '${randomValue}'`

  const inSource = analyze([await readFileWith('src/mail.ts', line)])
  const inTests = analyze([await readFileWith('test/mail.test.ts', line), await readFileWith('.env.example', line)])

  expect(inSource).toEqual([expect.objectContaining({ severity: 'high' })])
  expect(inTests).toEqual([])
})

test('a text that was looked at leaves no marks of time in this process', async () => {
  performance.clearMarks()

  await findSecrets('connect to postgres://user:correct-horse@db.example.com/app')

  expect(performance.getEntriesByType('mark')).toEqual([])
})

// A Plumbline without a model, whole: the checks are the review, and it says so everywhere.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Plumbline } from '../support/plumbline.ts'
import { testDatabaseUrl } from '../support/real.ts'
import { gitHubToken } from './made-up.ts'

let plumbline: Plumbline

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})

afterAll(() => plumbline.close())

const patience = { timeout: 10_000, interval: 50 }
const base = 'export const rate = 19\n'

async function review(text: string) {
  const repository = await plumbline.github.createRepository({ files: { 'src/tax.ts': base } })
  const pull = await repository.openPullRequest({ title: 'Change the rate', files: { 'src/tax.ts': text } })
  await plumbline.github.send(pull, 'opened')
  await vi.waitFor(async () => expect((await plumbline.recordsOf(pull))[0]?.status).toBe('published'), patience)
  await vi.waitFor(() => expect(plumbline.shownCheckRuns(pull)).toEqual(['completed neutral']), patience)
  return { pull, checkRun: plumbline.github.checkRunsOf(pull.headSha)[0] }
}

test('what the checks find is posted, without the secret, and the missing model is told', async () => {
  await plumbline.web()
  await plumbline.worker({ OPENAI_MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' })

  const { checkRun, pull } = await review(`${base}export const key = '${gitHubToken}'\nexport const b = = 2\n`)
  const clean = await review(`${base}export const other = 7\n`)

  const [posted, ...more] = plumbline.github.reviewsOf(pull)
  expect(more).toEqual([])
  expect(posted?.body).toContain('No model is configured')
  expect(posted?.comments.map(({ line }) => line)).toEqual([2, 3])
  expect(await plumbline.commentsOffPatch(pull)).toEqual([])
  expect(checkRun).toMatchObject({ output: { title: 'No model configured, checks only: 2 comments' } })
  expect(clean.checkRun).toMatchObject({ output: { title: 'No model configured, checks only: no problems found' } })
  expect(plumbline.github.reviewsOf(clean.pull)).toEqual([])
  const stored = await plumbline.query(
    `select s.input, s.output from spans s where s.key like 'change:%' or s.key like 'checks:%'`,
  )
  expect(stored).toHaveLength(4)
  expect(JSON.stringify([stored, posted])).not.toContain(gitHubToken)
  expect(plumbline.model.requests).toEqual([])
})

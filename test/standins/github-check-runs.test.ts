import { expect, test } from 'vitest'
import { refusalOf, setUp } from './stand-in.ts'

test('a check run on a commit that is not there is refused', async () => {
  const { repo, octokit } = await setUp()

  const refusal = await refusalOf(octokit.rest.checks.create({ ...repo, name: 'Plumbline', head_sha: 'a'.repeat(40) }))

  expect(refusal).toMatchObject({ status: 422, message: expect.stringContaining('No commit found') })
})

test('a check run is completed by its conclusion', async () => {
  const { repo, github, octokit, pull } = await setUp()
  const created = await octokit.rest.checks.create({
    ...repo,
    name: 'Plumbline',
    head_sha: pull.headSha,
    external_id: '7',
  })

  const output = { title: 'Reviewed', summary: 'Two findings.' }
  const target = { ...repo, check_run_id: created.data.id }
  await octokit.rest.checks.update({ ...target, conclusion: 'success', output })

  const run = await octokit.rest.checks.get(target)
  expect(run.data).toMatchObject({ status: 'completed', conclusion: 'success', external_id: '7', output })
  expect(github.checkRunsOf(pull.headSha)).toMatchObject([{ status: 'completed', externalId: '7' }])
  expect(github.violations).toEqual([])
})

test('twins are listed only when all are asked for', async () => {
  const { repo, github, octokit, pull } = await setUp()
  const wanted = { ...repo, name: 'Plumbline', head_sha: pull.headSha }
  await octokit.rest.checks.create(wanted)
  const { data: newest } = await octokit.rest.checks.create(wanted)
  await octokit.rest.checks.create({ ...wanted, name: 'Other' })

  const filter = { ...repo, ref: pull.headSha, check_name: 'Plumbline', app_id: github.app.id }
  const latest = await octokit.rest.checks.listForRef(filter)
  const all = await octokit.rest.checks.listForRef({ ...filter, filter: 'all' })
  const others = await octokit.rest.checks.listForRef({ ...filter, app_id: 1 })

  expect(latest.data.check_runs.map((one) => one.id)).toEqual([newest.id])
  expect(all.data.total_count).toBe(2)
  expect(others.data.total_count).toBe(0)
})

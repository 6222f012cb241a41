// Fetching with git, as github.com lets an installation do it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { git } from '../support/github/world/git.ts'
import { setUp, type Stage } from './stand-in.ts'

async function fetchHead({ github, pull, repository }: Stage, token?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-fetching-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const asking = token === undefined ? [] : ['-c', `http.extraHeader=${header}`]
  await git('.', ['init', '--quiet', '--bare', folder])
  const url = `${github.url}/${repository.fullName}.git`
  await git(folder, [...asking, 'fetch', '--quiet', '--depth=1', '--filter=blob:limit=1m', url, pull.headSha])
  return (await git(folder, ['show', 'FETCH_HEAD:src/a.ts'])).toString()
}

async function tokenOf({ client, repository }: Stage, repositoryId = repository.id): Promise<string> {
  const octokit = await client.app()
  const { data } = await octokit.rest.apps.createInstallationAccessToken({
    installation_id: repository.installation?.id ?? 0,
    repository_ids: [repositoryId],
    permissions: { contents: 'read' },
  })
  return data.token
}

test('a wrong token is refused, and a private repository is not there for anybody else', async () => {
  const stage = await setUp()
  const other = await stage.github.createRepository()
  stage.repository.private = true

  await expect(fetchHead(stage, 'ghs_wrong')).rejects.toThrow(/Authentication failed|could not read Username/)
  await expect(fetchHead(stage)).rejects.toThrow(/could not read Username/)
  await expect(fetchHead(stage, await tokenOf(stage, other.id))).rejects.toThrow(/not found/)
})

test('an installation fetches the head, and everybody a public one', async () => {
  const stage = await setUp()

  const texts = [await fetchHead(stage, await tokenOf(stage)), await fetchHead(stage)]

  expect(texts).toEqual([expect.stringContaining('line 2, changed'), expect.stringContaining('line 2, changed')])
  expect(stage.github.violations).toEqual([])
})

test('its requests are logged like others, and subject to faults', async () => {
  const stage = await setUp()
  stage.github.faults.add({ kind: '502', method: 'POST', path: /git-upload-pack$/ })

  await expect(fetchHead(stage)).rejects.toThrow('502')

  const asked = stage.github.requests.filter(({ path }) => path.includes('.git/'))
  expect(asked.map(({ method, status }) => `${method} ${status}`)).toEqual(['GET 200', 'POST 502'])
})

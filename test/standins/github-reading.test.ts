// What the stand-in tells of repositories and pull requests comes from real git.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { changeLine, refusalOf, setUp } from './stand-in.ts'

const run = promisify(execFile)

test('250 files come in three pages, and the Link header says where they end', async () => {
  const files = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`many/${index}.txt`, `${index}\n`]))
  const { at, github, octokit } = await setUp({ files })

  const pages = await Promise.all([1, 2, 3].map((page) => octokit.rest.pulls.listFiles({ ...at, per_page: 100, page })))
  const all = await octokit.paginate(octokit.rest.pulls.listFiles, { ...at, per_page: 100 })

  expect(pages.map((one) => one.data.length)).toEqual([100, 100, 50])
  expect(pages.map((one) => /rel="next"/.test(one.headers.link ?? ''))).toEqual([true, true, false])
  expect(new Set(all.map((one) => one.filename)).size).toBe(250)
  expect(github.violations).toEqual([])
})

test('a list of files stops at 3,000, and the count does too', async () => {
  const files = Object.fromEntries(Array.from({ length: 3_001 }, (_, index) => [`many/${index}.txt`, `${index}\n`]))
  const { at, octokit } = await setUp({ files })

  const all = await octokit.paginate(octokit.rest.pulls.listFiles, { ...at, per_page: 100 })

  expect(all).toHaveLength(3_000)
})

test('a push moves the head, and files and patches with it', async () => {
  const { at, octokit, pull } = await setUp()
  const before = await octokit.rest.pulls.get(at)
  await pull.push({ 'src/b.ts': 'new\n' })

  const after = await octokit.rest.pulls.get(at)
  const files = await octokit.rest.pulls.listFiles(at)

  expect(after.data.head.sha).not.toBe(before.data.head.sha)
  expect(after.data).toMatchObject({ head: { sha: pull.headSha }, commits: 2, changed_files: 2 })
  expect(files.data.map((one) => new URL(one.contents_url).searchParams.get('ref'))).toEqual([
    pull.headSha,
    pull.headSha,
  ])
})

test('patches are hunks without headers, and are missing where there is nothing to show', async () => {
  const { at, octokit, repository } = await setUp()
  await repository.commit({ 'old name.txt': 'same\n'.repeat(9), 'gone.txt': 'x\n', 'tool.sh': 'run\n', link: 'a' })
  const { number } = await repository.openPullRequest({
    files: {
      'old name.txt': null,
      'new "name".txt': `${'same\n'.repeat(9)}more`,
      'gone.txt': null,
      'tool.sh': { mode: '100755', content: 'run\n' },
      link: { mode: '120000', content: 'src/a.ts' },
      'picture.png': Buffer.from([0, 1, 2, 3]),
      'large.txt': 'line\n'.repeat(20_001),
      'src/a.ts': changeLine(4),
    },
  })

  const { data } = await octokit.rest.pulls.listFiles({ ...at, pull_number: number })

  const shown = data.map((one) => [one.filename, one.status, one.additions, one.deletions, one.patch])
  expect(shown).toEqual([
    ['gone.txt', 'removed', 0, 1, '@@ -1 +0,0 @@\n-x'],
    ['large.txt', 'added', 20_001, 0, undefined],
    ['link', 'changed', 1, 1, undefined],
    [
      'new "name".txt',
      'renamed',
      1,
      0,
      '@@ -7,3 +7,4 @@ same\n same\n same\n same\n+more\n\\ No newline at end of file',
    ],
    ['picture.png', 'added', 0, 0, undefined],
    [
      'src/a.ts',
      'modified',
      1,
      1,
      expect.stringMatching(/^@@ -1,7 \+1,7 @@\n line 1\n.*-line 4\n\+line 4, changed\n/s),
    ],
    ['tool.sh', 'modified', 0, 0, undefined],
  ])
  expect(data[3]?.previous_filename).toBe('old name.txt')
})

test('pull requests are listed by state, newest first', async () => {
  const { octokit, repo, repository } = await setUp()
  const closed = await repository.openPullRequest({ files: { 'b.txt': 'b\n' } })
  closed.change({ state: 'closed' })
  await repository.openPullRequest({ files: { 'c.txt': 'c\n' }, draft: true })

  const open = await octokit.rest.pulls.list(repo)
  const all = await octokit.rest.pulls.list({ ...repo, state: 'all' })

  expect(open.data.map((one) => [one.number, one.draft])).toEqual([
    [3, true],
    [1, false],
  ])
  expect(all.data.map((one) => one.state)).toEqual(['open', 'closed', 'open'])
})

test('a file is read from the branch or commit that is asked for', async () => {
  const { octokit, pull, repo } = await setUp()

  const base = await octokit.rest.repos.getContent({ ...repo, path: 'src/a.ts', ref: 'main' })
  const head = await octokit.rest.repos.getContent({ ...repo, path: 'src/a.ts', ref: pull.headSha })
  const missing = await refusalOf(octokit.rest.repos.getContent({ ...repo, path: 'AGENTS.md' }))

  const texts = [base, head].map((one) =>
    Buffer.from('content' in one.data ? one.data.content : '', 'base64').toString(),
  )
  expect(texts[0]).toContain('line 2\n')
  expect(texts[1]).toContain('line 2, changed\n')
  expect(missing.status).toBe(404)
})

test('a renamed repository is found again by redirect, for reads and for writes', async () => {
  const { at, github, octokit, pull, repository } = await setUp()
  github.world.renameRepository(repository, 'Renamed')

  const read = await octokit.rest.pulls.get(at)
  await octokit.rest.pulls.createReview({ ...at, body: 'Still here.', event: 'COMMENT' })

  expect(read.data.base.repo.full_name).toBe('Codertocat/Renamed')
  expect(github.reviewsOf(pull)).toHaveLength(1)
  expect(github.violations).toEqual([])
})

test('a commit that no branch holds any more can be fetched with git', async () => {
  const { pull, repository } = await setUp()
  const former = pull.headSha
  await pull.forcePush({ 'src/a.ts': changeLine(3) })
  const clone = await mkdtemp(join(tmpdir(), 'plumbline-clone-'))
  onTestFinished(() => rm(clone, { recursive: true }))
  await run('git', ['init', '--quiet', '--bare', clone])

  await run('git', ['-C', clone, 'fetch', '--quiet', '--depth=1', `file://${repository.directory}`, former])

  const { stdout } = await run('git', ['-C', clone, 'show', `${former}:src/a.ts`])
  expect(stdout).toBe(changeLine(2))
})

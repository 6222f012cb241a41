// https://docs.github.com/en/rest/repos
import { git } from '../world/git.ts'
import { fromExample, hosts, repositoryJson, timestamp } from '../json.ts'
import { type Reply, notFound } from '../reply.ts'
import { type Call, type Route, repositoryOf } from '../route.ts'
import type { Repository } from '../world/repository.ts'

const path = '/repos/{owner}/{repo}'

export const repositoryRoutes: Route[] = [
  { method: 'GET', template: path, needs: 'metadata:read', answer: get },
  { method: 'GET', template: `${path}/git/commits/{commit_sha}`, needs: 'contents:read', answer: getCommit },
  { method: 'GET', template: `${path}/contents/{path}`, needs: 'contents:read', answer: getContent },
]

function get(call: Call): Reply {
  return { status: 200, body: repositoryJson(repositoryOf(call), call.url.origin) }
}

const gitCommit = { method: 'GET', path: '/repos/{owner}/{repo}/git/commits/{commit_sha}', status: 200 }

/** https://docs.github.com/en/rest/git/commits */
function getCommit(call: Call): Reply {
  const repository = repositoryOf(call)
  const commit = repository.history.find(call.parameters['commit_sha'] ?? '')
  if (!commit) throw notFound()
  const { committedAt, message, sha } = commit
  const example = fromExample(gitCommit, [
    ...hosts(call.url.origin),
    ['octocat/Hello-World', repository.fullName],
    ['7638417db6d59f3c431d3e1f261cc637155684cd', sha],
  ])
  const who = { name: 'Codertocat', email: 'codertocat@github.test', date: timestamp(committedAt) }
  return { status: 200, body: { ...example, message, author: who, committer: who } }
}

/** A regular file or a folder at a branch or commit; `main` when none is named. */
async function getContent(call: Call): Promise<Reply> {
  const repository = repositoryOf(call)
  const path = call.parameters['path'] ?? ''
  const at: Place = {
    repository,
    origin: call.url.origin,
    sha: repository.resolve(call.url.searchParams.get('ref') ?? 'main'),
  }
  const object = await git(repository.directory, [
    'rev-parse',
    '--verify',
    '--end-of-options',
    `${at.sha}:${path}`,
  ]).catch(() => {
    throw notFound()
  })
  const id = object.toString().trim()
  const type = (await git(repository.directory, ['cat-file', '-t', id])).toString().trim()
  if (type === 'tree') return { status: 200, body: await listFolder(at, path, id) }
  const content = await git(repository.directory, ['cat-file', 'blob', id])
  const shown = { size: content.length, encoding: 'base64', content: content.toString('base64') }
  return { status: 200, body: { ...entryOf(at, { path, id, type: 'file' }), ...shown } }
}

interface Place {
  repository: Repository
  origin: string
  sha: string
}

interface Entry {
  path: string
  id: string
  type: 'file' | 'dir'
}

async function listFolder({ repository, ...at }: Place, folder: string, tree: string): Promise<object[]> {
  const listed = (await git(repository.directory, ['ls-tree', '-z', '--long', tree])).toString().split('\0')
  return listed.filter(Boolean).map((row) => {
    const [, kind, id = '', size, name] = /^\d+ (\w+) (\w+) +(\S+)\t(.*)$/s.exec(row) ?? []
    const type = kind === 'tree' ? 'dir' : 'file'
    return { ...entryOf({ repository, ...at }, { path: `${folder}/${name}`, id, type }), size: Number(size) || 0 }
  })
}

function entryOf({ origin, repository, sha }: Place, { id, path, type }: Entry): object {
  const url = `${origin}/repos/${repository.fullName}/contents/${path}?ref=${sha}`
  const git = `${origin}/repos/${repository.fullName}/git/${type === 'dir' ? 'trees' : 'blobs'}/${id}`
  const html = `${origin}/${repository.fullName}/${type === 'dir' ? 'tree' : 'blob'}/${sha}/${path}`
  return {
    type,
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    sha: id,
    url,
    git_url: git,
    html_url: html,
    download_url: type === 'dir' ? null : `${origin}/${repository.fullName}/raw/${sha}/${path}`,
    _links: { self: url, git, html },
  }
}

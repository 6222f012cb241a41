// https://docs.github.com/en/rest/repos
import { git } from '../world/git.ts'
import { fromExample, hosts, repositoryJson, timestamp } from '../json.ts'
import { type Reply, notFound } from '../reply.ts'
import { type Call, type Route, repositoryOf } from '../route.ts'

const path = '/repos/{owner}/{repo}'

export const repositoryRoutes: Route[] = [
  { method: 'GET', template: path, needs: 'metadata:read', answer: get },
  { method: 'GET', template: `${path}/git/commits/{commit_sha}`, needs: 'contents:read', answer: getCommit },
  { method: 'GET', template: `${path}/contents/{path}`, needs: 'contents:read', answer: getFile },
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

/** A regular file at a branch or commit; `main` when none is named. */
async function getFile(call: Call): Promise<Reply> {
  const repository = repositoryOf(call)
  const file = call.parameters['path'] ?? ''
  const sha = repository.resolve(call.url.searchParams.get('ref') ?? 'main')
  const blob = await git(repository.directory, ['rev-parse', '--verify', '--end-of-options', `${sha}:${file}`]).catch(
    () => {
      throw notFound()
    },
  )
  const blobSha = blob.toString().trim()
  const content = await git(repository.directory, ['cat-file', 'blob', blobSha])
  const { origin } = call.url
  const url = `${origin}/repos/${repository.fullName}/contents/${file}?ref=${sha}`
  const gitUrl = `${origin}/repos/${repository.fullName}/git/blobs/${blobSha}`
  const htmlUrl = `${origin}/${repository.fullName}/blob/${sha}/${file}`
  const body = {
    type: 'file',
    encoding: 'base64',
    size: content.length,
    name: file.slice(file.lastIndexOf('/') + 1),
    path: file,
    content: content.toString('base64'),
    sha: blobSha,
    url,
    git_url: gitUrl,
    html_url: htmlUrl,
    download_url: `${origin}/${repository.fullName}/raw/${sha}/${file}`,
    _links: { self: url, git: gitUrl, html: htmlUrl },
  }
  return { status: 200, body }
}

// GitHub's JSON for a pull request and what hangs on it.
import type { Commit } from './world/history.ts'
import { type Json, fromExample, hosts, repositoryJson, timestamp, userJson } from './json.ts'
import type { FileDiff } from './world/patch.ts'
import type { PullRequest } from './world/pull-request.ts'
import type { Review, ReviewComment } from './world/review-book.ts'

const pullsPath = '/repos/{owner}/{repo}/pulls'
const listedPull = { method: 'GET', path: pullsPath, status: 200, pick: (list: Json) => Object.values(list)[0] }

/** As in lists. */
export function pullRequestJson(pull: PullRequest, api: string): Json {
  const { fields, repository } = pull
  const example = fromExample(listedPull, [
    ...hosts(api),
    [
      `octocat/Hello-World/statuses/6dcb09b5b57875f334f61aebed695e2e4193db5e`,
      `octocat/Hello-World/statuses/${pull.headSha}`,
    ],
    ['octocat/Hello-World', repository.fullName],
    ...['pulls', 'pull', 'issues'].map((kind): [string, string] => [`/${kind}/1347`, `/${kind}/${pull.number}`]),
  ])
  return {
    ...example,
    id: pull.id,
    number: pull.number,
    node_id: `PR_${pull.id}`,
    state: fields.state,
    locked: fields.locked,
    active_lock_reason: null,
    title: fields.title,
    body: fields.body,
    user: pull.author && userJson(pull.author, api),
    draft: fields.draft,
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: fields.state === 'closed' ? timestamp(pull.updatedAt) : null,
    merged_at: fields.merged ? timestamp(pull.updatedAt) : null,
    merge_commit_sha: null,
    labels: [],
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: branchJson(pull, { ref: pull.headRef, sha: pull.headSha }, api),
    base: branchJson(pull, { ref: pull.baseRef, sha: pull.baseSha }, api),
    author_association: pull.authorAssociation,
    auto_merge: null,
  }
}

function branchJson(pull: PullRequest, branch: { ref: string; sha: string }, api: string): Json {
  const { repository } = pull
  return {
    label: `${repository.owner.login}:${branch.ref}`,
    ...branch,
    user: userJson(repository.owner, api),
    repo: repositoryJson(repository, api),
  }
}

/** As answered for one pull request, with the numbers that lists have not. */
export async function fullPullRequestJson(pull: PullRequest, api: string): Promise<Json> {
  const files = await pull.filesAt(pull.headSha)
  return {
    ...pullRequestJson(pull, api),
    merged: pull.fields.merged,
    mergeable: true,
    rebaseable: true,
    mergeable_state: 'clean',
    merged_by: null,
    comments: 0,
    review_comments: pull.reviews.now.flatMap((one) => (one.submitted ? one.comments : [])).length,
    maintainer_can_modify: false,
    commits: pull.commits().length,
    additions: files.reduce((sum, one) => sum + one.additions, 0),
    deletions: files.reduce((sum, one) => sum + one.deletions, 0),
    changed_files: files.length,
  }
}

/** The addresses of a removed file name the commit that still had it. */
export function fileJson(
  file: FileDiff,
  at: { pull: PullRequest; headSha: string; mergeBase: string },
  api: string,
): Json {
  const { fullName } = at.pull.repository
  const path = encodeURIComponent(file.path)
  const sha = file.status === 'removed' ? at.mergeBase : at.headSha
  return {
    sha: file.blobSha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${api}/${fullName}/blob/${sha}/${path}`,
    raw_url: `${api}/${fullName}/raw/${sha}/${path}`,
    contents_url: `${api}/repos/${fullName}/contents/${path}?ref=${sha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  }
}

const listedCommit = {
  method: 'GET',
  path: `${pullsPath}/{pull_number}/commits`,
  status: 200,
  pick: (list: Json) => Object.values(list)[0],
}

export function commitJson(commit: Commit, pull: PullRequest, api: string): Json {
  const { message, parent, sha } = commit
  const parents = parent === undefined ? [] : [parent]
  const example = fromExample(listedCommit, [
    ...hosts(api),
    ['octocat/Hello-World', pull.repository.fullName],
    ['6dcb09b5b57875f334f61aebed695e2e4193db5e', sha],
  ])
  const url = (one: string): string => `${api}/repos/${pull.repository.fullName}/commits/${one}`
  // The example's own part, of which only the message is ours.
  const inner = example['commit'] as Json
  return { ...example, commit: { ...inner, message }, parents: parents.map((one) => ({ sha: one, url: url(one) })) }
}

const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const

export function reviewJson(review: Review, pull: PullRequest, api: string): Json {
  const { author, submitted } = review
  const pullUrl = `${api}/repos/${pull.repository.fullName}/pulls/${pull.number}`
  const htmlUrl = `${api}/${pull.repository.fullName}/pull/${pull.number}#pullrequestreview-${review.id}`
  return {
    id: review.id,
    node_id: `PRR_${review.id}`,
    user: userJson(author, api),
    body: review.body,
    state: submitted ? states[submitted.event] : 'PENDING',
    html_url: htmlUrl,
    pull_request_url: pullUrl,
    author_association: author.id === pull.repository.owner.id ? 'OWNER' : 'NONE',
    _links: { html: { href: htmlUrl }, pull_request: { href: pullUrl } },
    commit_id: review.commitSha,
    ...(submitted ? { submitted_at: timestamp(submitted.at) } : {}),
  }
}

const listedComment = {
  method: 'GET',
  path: `${pullsPath}/{pull_number}/reviews/{review_id}/comments`,
  status: 200,
  pick: (list: Json) => Object.values(list)[0],
}

export function commentJson(comment: ReviewComment, at: { review: Review; pull: PullRequest }, api: string): Json {
  const { pull, review } = at
  const { in_reply_to_id: _, ...example } = fromExample(listedComment, [
    ...hosts(api),
    ['octocat/Hello-World/pulls/1"', `${pull.repository.fullName}/pulls/${pull.number}"`],
    ['octocat/Hello-World/pull/1#', `${pull.repository.fullName}/pull/${pull.number}#`],
    ['octocat/Hello-World/pulls/comments/1', `${pull.repository.fullName}/pulls/comments/${comment.id}`],
    ['6dcb09b5b57875f334f61aebed695e2e4193db5e', review.commitSha],
    ['9c48853fa3dc5c1c3d6f1f1cd1f2743e72652840', review.commitSha],
  ])
  return {
    ...example,
    id: comment.id,
    pull_request_review_id: review.id,
    user: userJson(review.author, api),
    path: comment.path,
    body: comment.body,
    line: comment.line,
    original_line: comment.line,
    side: comment.side,
    start_line: comment.startLine ?? null,
    original_start_line: comment.startLine ?? null,
    start_side: comment.startSide ?? null,
    subject_type: 'line',
  }
}

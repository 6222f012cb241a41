// A pull request of the stand-in: what people do to it, and what its commits say.
import { type Commit, type Files, createCommit, listCommits, mergeBase } from './git.ts'
import { type FileDiff, diffFiles } from './patch.ts'
import type { Repository } from './repository.ts'
import { ReviewBook } from './review-book.ts'
import type { User } from './user.ts'

/** What `PullRequest.change` may set. */
export interface PullRequestFields {
  title: string
  body: string | null
  draft: boolean
  locked: boolean
  state: 'open' | 'closed'
  merged: boolean
}

export interface NewPullRequest extends PullRequestFields {
  id: number
  number: number
  author: User
  headRef: string
  baseRef: string
}

export class PullRequest {
  readonly repository: Repository
  readonly id: number
  readonly number: number
  /** `null` is a deleted account. */
  author: User | null
  authorAssociation: string
  readonly headRef: string
  readonly reviews = new ReviewBook()
  readonly createdAt = new Date()
  updatedAt = new Date()
  /** Every head it had, oldest first. */
  readonly heads: string[]
  #baseRef: string
  #fields: PullRequestFields
  readonly #files = new Map<string, Promise<FileDiff[]>>()

  constructor(repository: Repository, given: NewPullRequest) {
    const { author, baseRef, headRef, id, number, ...fields } = given
    this.repository = repository
    this.id = id
    this.number = number
    this.author = author
    this.authorAssociation = author.id === repository.owner.id ? 'OWNER' : 'CONTRIBUTOR'
    this.headRef = headRef
    this.heads = [repository.headOf(headRef)]
    this.#baseRef = baseRef
    this.#fields = fields
  }

  get fields(): Readonly<PullRequestFields> {
    return this.#fields
  }

  get headSha(): string {
    return this.heads.at(-1) ?? ''
  }

  get baseRef(): string {
    return this.#baseRef
  }

  /** Where the base branch is now. */
  get baseSha(): string {
    return this.repository.headOf(this.#baseRef)
  }

  /** A person edits, closes, reopens, drafts or locks it. */
  change(fields: Partial<PullRequestFields>): void {
    this.#fields = { ...this.#fields, ...fields }
    this.#touch()
  }

  changeBase(branch: string): void {
    this.repository.headOf(branch)
    this.#baseRef = branch
    this.#touch()
  }

  /** A commit on top of the head. Answers the new head. */
  async push(files: Files): Promise<string> {
    return this.#moveHead(this.headSha, files)
  }

  /** A commit on the merge base: the former head is not part of the pull request any more. */
  async forcePush(files: Files): Promise<string> {
    return this.#moveHead(await this.mergeBaseOf(this.headSha), files)
  }

  async #moveHead(parent: string, files: Files): Promise<string> {
    const commit = { branch: this.headRef, parent, message: 'Push on', files }
    const sha = await createCommit(this.repository.directory, commit)
    this.repository.moveBranch(this.headRef, sha)
    this.heads.push(sha)
    this.#touch()
    return sha
  }

  /** Oldest first. */
  commits(): Promise<Commit[]> {
    return listCommits(this.repository.directory, this.baseSha, this.headSha)
  }

  mergeBaseOf(sha: string): Promise<string> {
    return mergeBase(this.repository.directory, this.baseSha, sha)
  }

  /** As GitHub would list them with `sha` as the head. */
  filesAt(sha: string): Promise<FileDiff[]> {
    const key = `${this.baseSha}..${sha}`
    const known = this.#files.get(key)
    if (known) return known
    const files = this.mergeBaseOf(sha).then((from) => diffFiles(this.repository.directory, from, sha))
    this.#files.set(key, files)
    return files
  }

  #touch(): void {
    this.updatedAt = new Date()
  }
}

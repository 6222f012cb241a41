// A pull request of the stand-in: what people do to it, and what its commits say.
import type { Files } from './git.ts'
import type { Commit } from './history.ts'
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
  createdAt = new Date()
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
  push(files: Files): Promise<string> {
    return this.#moveHead(this.headSha, files)
  }

  /** A commit on the merge base: the former head is not part of the pull request any more. */
  forcePush(files: Files): Promise<string> {
    return this.#moveHead(this.mergeBaseOf(this.headSha), files)
  }

  async #moveHead(parent: string, files: Files): Promise<string> {
    const sha = await this.repository.addCommit({ branch: this.headRef, parent, message: 'Push on', files })
    this.heads.push(sha)
    this.#touch()
    return sha
  }

  /** Oldest first. */
  commits(): Commit[] {
    return this.repository.history.between(this.baseSha, this.headSha)
  }

  mergeBaseOf(sha: string): string {
    return this.repository.history.mergeBase(this.baseSha, sha)
  }

  /** As GitHub would list them with `sha` as the head. Asked of git once. */
  filesAt(sha: string): Promise<FileDiff[]> {
    const from = this.mergeBaseOf(sha)
    const key = `${from}..${sha}`
    const files = this.#files.get(key) ?? diffFiles(this.repository.directory, from, sha)
    this.#files.set(key, files)
    return files
  }

  #touch(): void {
    this.updatedAt = new Date()
  }
}

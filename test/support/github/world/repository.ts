// A repository of the stand-in, with a real git repository behind it.
import { type Files, type NewCommit, createCommit } from './git.ts'
import { History } from './history.ts'
import type { Installation } from './installation.ts'
import { PullRequest } from './pull-request.ts'
import type { User } from './user.ts'

export interface CommitOptions {
  /** `main` by default; created when it is not there. */
  branch?: string
  /** Where a new branch starts; `main` by default. */
  from?: string
  message?: string
}

export interface PullRequestOptions {
  /** The next one by default. */
  number?: number
  /** The head branch; a fresh name by default. */
  head?: string
  /** Committed to the head branch before the pull request is opened. */
  files?: Files
  /** `main` by default. */
  base?: string
  title?: string
  body?: string | null
  /** A login; the repository's owner by default. */
  author?: string
  draft?: boolean
}

/** What a repository needs of the world it lives in. */
export interface Surroundings {
  nextId(): number
  user(login: string): User
}

export class Repository {
  readonly id: number
  readonly owner: User
  /** Renaming is setting it: the former address answers 301. */
  name: string
  /** The bare git repository. */
  readonly directory: string
  /** Where the App is installed for it; `undefined`: not installed. */
  installation: Installation | undefined
  private = false
  archived = false
  deleted = false
  readonly pullRequests: PullRequest[] = []
  readonly history = new History()
  readonly #branches = new Map<string, string>()
  readonly #surroundings: Surroundings
  #lastNumber = 0

  constructor(given: { id: number; name: string; owner: User; directory: string }, surroundings: Surroundings) {
    this.id = given.id
    this.name = given.name
    this.owner = given.owner
    this.directory = given.directory
    this.#surroundings = surroundings
  }

  get fullName(): string {
    return `${this.owner.login}/${this.name}`
  }

  /** Throws when there is no such branch. */
  headOf(branch: string): string {
    const sha = this.#branches.get(branch)
    if (sha === undefined) throw new Error(`${this.fullName} has no branch ${branch}`)
    return sha
  }

  /** A commit's id for a branch's name; what is no branch is taken for a commit. */
  resolve(ref: string): string {
    return this.#branches.get(ref) ?? ref
  }

  /** Moves the branch, whatever it pointed to. */
  async addCommit(commit: NewCommit): Promise<string> {
    const { branch, message, parent } = commit
    const sha = await createCommit(this.directory, commit)
    this.history.add({ sha, message, committedAt: new Date(), ...(parent === undefined ? {} : { parent }) })
    this.#branches.set(branch, sha)
    return sha
  }

  /** Answers the id of the commit. A pull request of that branch is not moved: use `PullRequest.push`. */
  commit(files: Files, options: CommitOptions = {}): Promise<string> {
    const { branch = 'main', from = 'main', message = 'Change some files' } = options
    const parent = this.#branches.get(branch) ?? this.#branches.get(from)
    return this.addCommit({ branch, message, files, ...(parent === undefined ? {} : { parent }) })
  }

  async openPullRequest(options: PullRequestOptions = {}): Promise<PullRequest> {
    const number = options.number ?? this.#lastNumber + 1
    this.#lastNumber = number
    const { author = this.owner.login, base = 'main', body = null, draft = false, files } = options
    const head = options.head ?? `change-${number}`
    if (files) await this.commit(files, { branch: head, from: base, message: options.title ?? 'Change some files' })
    const pullRequest = new PullRequest(this, {
      id: this.#surroundings.nextId(),
      number,
      author: this.#surroundings.user(author),
      headRef: head,
      baseRef: base,
      title: options.title ?? `Change ${number}`,
      body,
      draft,
      locked: false,
      state: 'open',
      merged: false,
    })
    this.pullRequests.push(pullRequest)
    return pullRequest
  }
}

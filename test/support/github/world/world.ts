// Everything the stand-in knows: users, the App, installations, repositories, check runs, tokens.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CheckRun } from './check-run.ts'
import { type Files, initRepository } from './git.ts'
import { HookLog } from '../hooks.ts'
import { type App, type Installation, type Permissions, appKeys, defaultPermissions } from './installation.ts'
import { Repository } from './repository.ts'
import type { User } from './user.ts'

export interface RepositoryOptions {
  /** A login; `Codertocat` by default, the name in GitHub's own examples. */
  owner?: string
  /** `Hello-World` by default, then `Hello-World-2` and so on. */
  name?: string
  /** As a stored delivery names it. */
  id?: number
  installationId?: number
  /** `main` by default. */
  defaultBranch?: string
  private?: boolean
  /** The first commit on the default branch; a `README.md` by default. */
  files?: Files
  installed?: 'installed' | 'not-installed'
}

export type Token =
  | {
      kind: 'installation'
      installation: Installation
      permissions: Permissions
      repositoryIds: number[] | undefined
      until: number
    }
  | { kind: 'person'; user: User }

export class World {
  readonly app: App
  readonly installations: Installation[] = []
  /** Codes that GitHub's redirect carried after an App was registered from a manifest. Each works once. */
  readonly manifestCodes = new Set<string>()
  readonly repositories: Repository[] = []
  readonly checkRuns: CheckRun[] = []
  readonly hooks = new HookLog(() => this.nextId())
  readonly tokens = new Map<string, Token>()
  /** Addresses that answer 301 since a repository was renamed. */
  readonly formerNames = new Map<string, Repository>()
  readonly #users = new Map<string, User>()
  readonly #folder: string
  /** GitHub's ids have outgrown 32 bits. */
  #lastId = 3_000_000_000

  private constructor(folder: string) {
    this.#folder = folder
    const slug = 'plumbline'
    const bot = this.user(`${slug}[bot]`)
    this.app = { id: 1_000_001, slug, bot, ...appKeys(), webhookSecret: 'a secret of the stand-in, long enough' }
  }

  static async create(): Promise<World> {
    return new World(await mkdtemp(join(tmpdir(), 'plumbline-github-')))
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  nextId(): number {
    return ++this.#lastId
  }

  /** Made when nobody has that login yet. */
  user(login: string): User {
    const known = this.#users.get(login.toLowerCase())
    if (known) return known
    const user: User = { id: this.nextId(), login, type: login.endsWith('[bot]') ? 'Bot' : 'User' }
    this.#users.set(login.toLowerCase(), user)
    return user
  }

  findUser(login: string): User | undefined {
    return this.#users.get(login.toLowerCase())
  }

  async createRepository(options: RepositoryOptions = {}): Promise<Repository> {
    const owner = this.user(options.owner ?? 'Codertocat')
    const name = options.name ?? this.#freeName(owner)
    if (this.findRepository(`${owner.login}/${name}`)) throw new Error(`${owner.login}/${name} is there already`)
    const directory = join(this.#folder, `${randomUUID()}.git`)
    const repository = new Repository({ name, owner, directory, id: options.id ?? this.nextId() }, this)
    repository.private = options.private ?? false
    if (options.installed !== 'not-installed')
      repository.installation = this.#installationOf(owner, options.installationId)
    this.repositories.push(repository)
    await initRepository(directory)
    await repository.commit(options.files ?? { 'README.md': '# Hello\n' }, {
      message: 'Initial commit',
      branch: options.defaultBranch ?? 'main',
    })
    return repository
  }

  #freeName(owner: User): string {
    const count = this.repositories.filter((one) => one.owner === owner).length
    return count === 0 ? 'Hello-World' : `Hello-World-${count + 1}`
  }

  #installationOf(account: User, id?: number): Installation {
    const known = this.installations.find((one) => one.account.id === account.id && !one.removed)
    if (known) return known
    const permissions = { ...defaultPermissions }
    // Long enough ago for every pull request of a test to be newer.
    const createdAt = new Date(Date.now() - 30 * 86_400_000)
    const made = { id: id ?? this.nextId(), account, permissions, createdAt, suspended: false, removed: false }
    this.installations.push(made)
    return made
  }

  /** Names are compared as GitHub does, without regard to case. */
  findRepository(fullName: string): Repository | undefined {
    const wanted = fullName.toLowerCase()
    return this.repositories.find((one) => !one.deleted && one.fullName.toLowerCase() === wanted)
  }

  renameRepository(repository: Repository, name: string): void {
    this.formerNames.set(repository.fullName.toLowerCase(), repository)
    repository.name = name
  }

  /** A personal token of a user, who is made when there is none. */
  createToken(login: string): string {
    return this.addToken({ kind: 'person', user: this.user(login) })
  }

  addToken(token: Token): string {
    const text = `${token.kind === 'installation' ? 'ghs' : 'ghp'}_${randomUUID().replaceAll('-', '')}`
    this.tokens.set(text, token)
    return text
  }
}

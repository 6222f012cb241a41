// The commits of a repository and their parents, kept beside git: asking git costs a process, and every request would.

export interface Commit {
  sha: string
  /** Missing for the first one. There are no merges. */
  parent?: string
  message: string
  /** Of the committer. */
  committedAt: Date
}

export class History {
  readonly #commits = new Map<string, Commit>()

  add(commit: Commit): void {
    this.#commits.set(commit.sha, commit)
  }

  has(sha: string): boolean {
    return this.#commits.has(sha)
  }

  find(sha: string): Commit | undefined {
    return this.#commits.get(sha)
  }

  /** Those of `head` that `base` has not, oldest first. */
  between(base: string, head: string): Commit[] {
    const known = new Set(this.#lineOf(base).map((one) => one.sha))
    return this.#lineOf(head)
      .filter((one) => !known.has(one.sha))
      .toReversed()
  }

  /** Throws when the two have no commit in common. */
  mergeBase(one: string, other: string): string {
    const known = new Set(this.#lineOf(one).map((commit) => commit.sha))
    const found = this.#lineOf(other).find((commit) => known.has(commit.sha))
    if (!found) throw new Error(`${one} and ${other} have no commit in common`)
    return found.sha
  }

  /** The commit and all before it, newest first. */
  #lineOf(sha: string): Commit[] {
    const line: Commit[] = []
    let at = this.#commits.get(sha)
    while (at) {
      line.push(at)
      at = at.parent === undefined ? undefined : this.#commits.get(at.parent)
    }
    return line
  }
}

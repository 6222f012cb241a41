// Open pull requests of which no delivery told us, although the App is installed: GitHub lists what it could not deliver for
// three days only, and what it never tried to deliver not at all.
//
// What must always hold: nothing is reviewed that a person did not ask for and that was there before the App was. Only a head
// newer than the App's access to the repository, and not older than some hours, is recorded; others are listed for people, with
// a button. A head that is on the record, however that ended, is never recorded again by this sweep.
//
// The race with the delivery of the same push: whoever is second finds the row. Heads of the last minutes are left alone, so
// that usually the delivery is first.
import type { PullRequestRef } from '../../review/pull-request.ts'
import { eachByItself } from './sweep.ts'
import type { Did } from './sweep-store.ts'

export interface Installation {
  id: number
  installedAt: Date
}

export interface SeenRepository {
  id: number
  owner: string
  repo: string
}

export interface WatchedRepository extends SeenRepository {
  installationId: number
  /** When the App was installed, or the repository came to it. */
  since: Date
  /** GitHub's tag of the list that was last read to its end. */
  etag: string | null
}

/** One that would be reviewed if a delivery told of it. */
export interface OpenPull {
  ref: PullRequestRef
  title: string
  author: string
  /** ISO 8601. */
  updatedAt: string
  createdAt: Date
}

/** Asks with one installation's share of requests. Throws `ParkedError` when it is used up. */
export interface InstallationReader {
  /** The share is used up. */
  isDone(): boolean
  repositories(signal: AbortSignal): Promise<SeenRepository[]>
  /** `undefined`: as it was at `etag`. */
  openPulls(
    repository: WatchedRepository,
    signal: AbortSignal,
  ): Promise<{ pulls: OpenPull[]; etag: string | null } | undefined>
  /** When the head was committed: it is not older than that to anybody. */
  committedAt(ref: PullRequestRef, signal: AbortSignal): Promise<Date>
}

export interface CatchUpStore {
  /** That which was not seen for longest first: a turn that is cut off leaves others out than the one before. */
  inTurn(installations: Installation[]): Promise<Installation[]>
  /** Those that the installation has now. Others of it are forgotten, with what was listed of them. */
  see(installation: Installation, repositories: SeenRepository[]): Promise<void>
  /** That which was not looked at for longest first. */
  watched(installationId: number): Promise<WatchedRepository[]>
  /** Before it is looked at: one that cannot be read keeps nobody else waiting. */
  look(repositoryId: number): Promise<void>
  /** Numbers of those whose head is on the record. */
  known(repositoryId: number, pulls: OpenPull[]): Promise<Set<number>>
  /** As if a hook had told of it. False when one did meanwhile. */
  record(pull: OpenPull): Promise<boolean>
  /** Takes the place of what was listed before. */
  list(repositoryId: number, unreviewed: OpenPull[], etag: string | null): Promise<void>
}

export interface CatchUpDeps {
  installations(signal: AbortSignal): Promise<Installation[]>
  readerOf(installationId: number): InstallationReader
  store: CatchUpStore
  /** 0: everything is only listed. */
  catchupHours: number
  /** Wall clock. */
  now(): number
}

/** A delivery takes seconds, and is tried again by the sweep over failed ones after some minutes. */
const settleMs = 180_000

/** One turn: how many repositories were looked at, and of their pull requests how many recorded and how many listed. */
export async function catchUp(deps: CatchUpDeps, signal: AbortSignal): Promise<Did> {
  const did = { repositories: 0, recorded: 0, listed: 0 }
  const installations = await deps.store.inTurn(await deps.installations(signal))
  await eachByItself(installations, signal, async (installation) => {
    for await (const { listed, recorded } of catchUpOne(installation, deps, signal)) {
      did.repositories++
      did.recorded += recorded
      did.listed += listed
    }
  })
  return did
}

async function* catchUpOne(installation: Installation, deps: CatchUpDeps, signal: AbortSignal) {
  const { readerOf, store } = deps
  const reader = readerOf(installation.id)
  await store.see(installation, await reader.repositories(signal))
  for (const repository of await store.watched(installation.id)) {
    if (reader.isDone()) return
    await store.look(repository.id)
    const found = await reader.openPulls(repository, signal)
    if (found) yield await sort({ ...found, repository, reader }, deps, signal)
  }
}

interface Found {
  repository: WatchedRepository
  pulls: OpenPull[]
  etag: string | null
  reader: InstallationReader
}

async function sort({ etag, pulls, reader, repository }: Found, deps: CatchUpDeps, signal: AbortSignal) {
  const { catchupHours, now, store } = deps
  const settled = pulls.filter((pull) => Date.parse(pull.updatedAt) <= now() - settleMs)
  const known = await store.known(repository.id, settled)
  const from = Math.max(repository.since.getTime(), now() - catchupHours * 3_600_000)
  const unreviewed: OpenPull[] = []
  let recorded = 0
  for (const pull of settled.filter((one) => !known.has(one.ref.number))) {
    if (!(await isNewer(pull, from, (ref) => reader.committedAt(ref, signal)))) unreviewed.push(pull)
    else if (await store.record(pull)) recorded++
  }
  // With what was left alone, the list has to be read again.
  await store.list(repository.id, unreviewed, settled.length === pulls.length ? etag : null)
  return { recorded, listed: unreviewed.length }
}

/** GitHub does not tell when a head was pushed. A comment on an old pull request makes it no newer. */
async function isNewer(pull: OpenPull, from: number, committedAt: (ref: PullRequestRef) => Promise<Date>) {
  if (Date.parse(pull.updatedAt) < from) return false
  return pull.createdAt.getTime() >= from || (await committedAt(pull.ref)).getTime() >= from
}

// What a campaign is given to play with.
import type { Plumbline } from '../../support/plumbline.ts'
import type { PlumblineProcess } from '../../support/processes.ts'
import type { PrivatePostgres } from '../../support/servers/postgres.ts'
import type { PullRequest } from '../../support/github/world/pull-request.ts'
import type { Crew } from './crew.ts'
import type { Random } from './random.ts'

/** What is there before any process of Plumbline's. */
export interface Surroundings {
  plumbline: Plumbline
  /** For campaigns with one of their own. */
  postgres: PrivatePostgres | undefined
  /** Called when the campaign is over. */
  closing: (() => Promise<unknown>)[]
}

export interface Stage extends Omit<Surroundings, 'closing'> {
  readonly crew: Crew
  readonly random: Random
  readonly pulls: readonly PullRequest[]
  /** The web process that was started first. */
  readonly web: PlumblineProcess
  /** Another one; GitHub's webhook leads there from now on. */
  startWeb(env?: Record<string, string>): Promise<PlumblineProcess>
  /** Faults so far. */
  count: number
  /** To be called for each fault; stalls and workers that kill themselves are counted by themselves. */
  injected(): void
  readonly measured: Readonly<Record<string, number>>
  /** Keeps the highest value of each name. */
  note(name: string, value: number): void
  pause(fromMs: number, toMs: number): Promise<void>
}

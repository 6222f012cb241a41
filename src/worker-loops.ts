// What a worker does beside reviews: shows check runs, says that it is alive, and leads the sweeps that are its turn.
import type { Ground } from './connect.ts'
import { maskTitle } from './checks/mask-secrets.ts'
import { createDeliveryLog } from './github/app/hook-deliveries.ts'
import { createOpenPulls } from './github/app/open-pulls.ts'
import { createCheckRunBoard } from './github/check-runs.ts'
import type { GitHub } from './github/client.ts'
import { createReviewBoard } from './github/reviews.ts'
import { createLoop, type Loop, type LoopOptions } from './jobs/loop.ts'
import { takeWrite } from './jobs/paced.ts'
import { catchUp, type CatchUpDeps, type CatchUpStore } from './jobs/sweeps/catch-up.ts'
import { redeliverFailed } from './jobs/sweeps/failed-deliveries.ts'
import { forget } from './jobs/sweeps/forget.ts'
import { deleteLeftoverDrafts } from './jobs/sweeps/leftover-drafts.ts'
import { showCheckRuns } from './jobs/sweeps/show-check-runs.ts'
import { createSweepTurn, type Sweep } from './jobs/sweeps/sweep.ts'
import { createCheckOutbox } from './store/sweeps/check-outbox.ts'
import { createForgetStore } from './store/sweeps/forget.ts'
import { createCatchUpStore } from './store/sweeps/catch-up.ts'
import { createLeftoverDraftStore } from './store/sweeps/leftover-drafts.ts'
import { createSweepStore } from './store/sweeps/sweep-store.ts'
import { createWritePace } from './store/github/write-pace.ts'
import { createIntake } from './store/intake.ts'

/** How often each worker looks whether a sweep is due: when its leader stops or dies, nobody waits for longer. */
const lookEveryMs = 10_000

const catchUpEveryMs = 600_000
/** Of an installation's requests in an hour, what looking for open pull requests may use. */
const catchUpShare = 0.2

/** Stopping waits for the turns under way, and lets other workers lead what they did not finish. */
export function createWorkerLoops(
  ground: Ground,
  github: GitHub,
  beatWorker: () => Promise<void>,
): Pick<Loop, 'start' | 'stop'> {
  const { clock, config, db, log, queue } = ground
  const { leaseMs, writes } = config.worker
  const pace = createWritePace(db, writes)
  const checkRuns = {
    store: createCheckOutbox(db, leaseMs),
    board: createCheckRunBoard(github, (installationId) => takeWrite(pace, installationId)),
    publicUrl: config.web.publicUrl,
  }
  const loop = (name: string, everyMs: number, turn: LoopOptions['turn']): Loop =>
    createLoop({ name, everyMs, turn, clock, log })
  const leading = { store: createSweepStore(db), holder: queue.consumer, clock }
  const loops = [
    loop('check runs', 1000, (signal) => showCheckRuns({ ...checkRuns, clock, leaseMs }, signal)),
    loop('worker row', Math.floor(leaseMs / 3), beatWorker),
    ...sweeps(ground, github).map((sweep) => loop(sweep.name, lookEveryMs, createSweepTurn(sweep, leading))),
  ]
  return {
    start: () => loops.forEach((one) => one.start()),
    async stop() {
      await Promise.all(loops.map((one) => one.stop()))
      await leading.store.release(queue.consumer)
    },
  }
}

function sweeps({ config, db }: Ground, github: GitHub): Sweep[] {
  const { catchupHours, retentionDays } = config.worker
  const redelivery = { deliveries: createDeliveryLog(github), store: createSweepStore(db), now: () => Date.now() }
  const open: CatchUpDeps = {
    ...createOpenPulls(github, (catchUpShare * catchUpEveryMs) / 3_600_000),
    store: withMaskedTitles(createCatchUpStore(db)),
    catchupHours,
    now: () => Date.now(),
  }
  const drafts = { store: createLeftoverDraftStore(db), board: createReviewBoard(github) }
  const { forgetDeliveries } = createIntake(db)
  const keeping = { store: createForgetStore(db), forgetDeliveries, retentionDays }
  return [
    { name: 'failed deliveries', everyMs: 120_000, turn: (signal) => redeliverFailed(redelivery, signal) },
    { name: 'open pull requests', everyMs: catchUpEveryMs, turn: (signal) => catchUp(open, signal) },
    { name: 'leftover drafts', everyMs: 300_000, turn: (signal) => deleteLeftoverDrafts(drafts, signal) },
    // Without a time to keep it, what has ended goes at the next look.
    { name: 'forget', everyMs: retentionDays === 0 ? 0 : 3_600_000, turn: (signal) => forget(keeping, signal) },
  ]
}

function withMaskedTitles(store: CatchUpStore): CatchUpStore {
  return {
    ...store,
    record: async (pull) => store.record(await maskTitle(pull)),
    list: async (id, pulls, etag) => store.list(id, await Promise.all(pulls.map(maskTitle)), etag),
  }
}

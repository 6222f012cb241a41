// The store's tests once more, on the embedded default: the same code runs above both.
import { describe } from 'vitest'
import { openMemoryPglite } from '../../src/store/embedded/pglite.ts'
import { engine } from './store.ts'

// One for all: each is half a gigabyte. Closing it is left to the end of the process.
const shared = await openMemoryPglite()
engine.open = async () => ({ ...shared, close: async () => undefined })

const suites = ['claims', 'dispatch', 'endings', 'intake', 'journal', 'publishing', 'requests', 'reviews']
for (const suite of suites) describe(`on PGlite, ${suite}`, () => import(`./${suite}.test.ts`))

const nested = [
  ['github', 'access'],
  ['github', 'write-pace'],
  ['sweeps', 'check-outbox'],
  ['watch', 'figures'],
  ['watch', 'queue-look'],
]
for (const [folder, suite] of nested)
  describe(`on PGlite, ${folder}/${suite}`, () => import(`./${folder}/${suite}.test.ts`))

// Retention and catching up are SQL for the most part; GitHub and the rest stand in elsewhere, too.
for (const suite of ['catch-up', 'forget', 'sweep'])
  describe(`on PGlite, jobs/sweeps/${suite}`, async () => {
    await import(`../jobs/sweeps/${suite}.test.ts`)
  })

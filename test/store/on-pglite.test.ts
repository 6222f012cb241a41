// The store's tests once more, on the embedded default: the same code runs above both.
import { describe } from 'vitest'
import { openMemoryPglite } from '../../src/store/embedded/pglite.ts'
import { engine } from './store.ts'

// One for all: each is half a gigabyte. Closing it is left to the end of the process.
const shared = await openMemoryPglite()
engine.open = async () => ({ ...shared, close: async () => undefined })

const suites = [
  'check-outbox',
  'claims',
  'dispatch',
  'endings',
  'intake',
  'journal',
  'publishing',
  'requests',
  'reviews',
]
for (const suite of suites) describe(`on PGlite, ${suite}`, () => import(`./${suite}.test.ts`))
describe('on PGlite, github/access', () => import('./github/access.test.ts'))
describe('on PGlite, github/write-pace', () => import('./github/write-pace.test.ts'))

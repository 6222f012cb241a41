// `node --import ./test/faults/witness/swap.ts src/worker.ts`: the same worker, with another way to post its reviews.
import { registerHooks } from 'node:module'

const naive = new URL('naive-publish.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    return /\/src\/jobs\/(?:[\w-]+\/)?publish\.ts$/.test(resolved.url) ? { ...resolved, url: naive } : resolved
  },
})

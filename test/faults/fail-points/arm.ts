// `node --import ./test/faults/fail-points/arm.ts src/worker.ts`: the same worker, but for one port. It is made as ever, and at
// the FAIL_AT-th counted call of one of its methods the process dies as by `kill -9`: FAIL_POINT says which, see `points.ts`.
import { registerHooks } from 'node:module'
import { failPoints, ports } from './points.ts'

const point = failPoints.find((one) => one.name === process.env['FAIL_POINT'])
if (!point) throw new Error(`no fail point ${process.env['FAIL_POINT']}`)
const { factory, file } = ports[point.port]
const wrapper = new URL('wrap.ts', import.meta.url).href
const mark = '?armed'

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const isReal = context.parentURL?.endsWith(mark) ?? false
    return resolved.url.endsWith(file) && !isReal ? { ...resolved, url: resolved.url + mark } : resolved
  },
  load(url, context, next) {
    if (!url.endsWith(mark)) return next(url, context)
    const real = url.slice(0, -mark.length)
    const source = `export * from '${real}'
      import { ${factory} as make } from '${real}'
      import { wrap } from '${wrapper}'
      export const ${factory} = (...given) => wrap(make(...given))`
    return { format: 'module', source, shortCircuit: true }
  },
})

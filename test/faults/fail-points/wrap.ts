// A port that kills its process at the fail point of the environment. Loaded by `arm.ts`.
import { failPoints, type FailPoint } from './points.ts'

type Method = (...args: unknown[]) => unknown

let left = Number(process.env['FAIL_AT'])
/** Only calls whose first argument, as JSON, holds this text count. */
const text = process.env['FAIL_TEXT'] ?? ''

export function wrap<Port extends object>(made: Port | Promise<Port>): Port | Promise<Port> {
  const point = failPoints.find((one) => one.name === process.env['FAIL_POINT'])
  if (!point) throw new Error('no fail point')
  return made instanceof Promise ? made.then((port) => armed(port, point)) : armed(made, point)
}

function armed<Port extends object>(port: Port, point: FailPoint): Port {
  return new Proxy(port, {
    get(target, key) {
      // From the port itself and not from the proxy: its private fields are there.
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      const call: Method = value.bind(target)
      return key === point.method ? dying(call, point) : call
    },
  })
}

function dying(call: Method, { counts = () => true, when }: FailPoint): Method {
  return async (...args) => {
    if (when === 'before' && counts(args)) passOrDie(args)
    const result = await call(...args)
    if (when === 'after' && counts(args, result)) passOrDie(args)
    return result
  }
}

function passOrDie(args: readonly unknown[]): void {
  if (text !== '' && !JSON.stringify(args[0]).includes(text)) return
  left--
  if (left > 0) return
  process.kill(process.pid, 'SIGKILL')
  // Not one more line of code.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

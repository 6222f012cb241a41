// Single environment variables, checked. Mistakes are collected, not thrown, so that all are told at once.
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Environment } from './config.ts'
import { isLoopback } from './http/loopback.ts'
import { knownVariables, type VariableName } from './known-variables.ts'

/** Each reader answers `undefined` for a variable that is not set, and for one that is wrong after it noted the mistake. */
export interface ConfigValues {
  readonly mistakes: string[]
  readonly warnings: string[]
  /** Notes a mistake. `what` goes on after the name. */
  wrong(name: VariableName, what: string): undefined
  /** Empty is the same as not set: `FOO=` is how compose files write "nothing". */
  text(name: VariableName): string | undefined
  /** At least `minBytes` long, and not the one that every example has. */
  secret(name: VariableName, minBytes?: number): string | undefined
  integer(name: VariableName, range: readonly [min: number, max: number]): number | undefined
  oneOf(name: VariableName, choices: readonly string[]): string | undefined
  /** Without a slash at its end. `protocols` are written with their colon; `http:` and `https:` without them. */
  url(name: VariableName, protocols?: readonly string[]): string | undefined
}

export function createConfigValues(env: Environment): ConfigValues {
  const mistakes: string[] = []
  const warnings: string[] = []
  function wrong(name: VariableName, what: string): undefined {
    mistakes.push(`${name} ${what}. ${knownVariables[name]}`)
  }
  const text = (name: VariableName): string | undefined => env[name]?.trim() || undefined
  return {
    mistakes,
    warnings,
    wrong,
    text,
    secret(name, minBytes = 16) {
      const value = text(name)
      if (value === undefined) return undefined
      if (value === 'development') return wrong(name, 'is "development", which everybody knows')
      return Buffer.byteLength(value) < minBytes ? wrong(name, `is shorter than ${minBytes} bytes`) : value
    },
    integer(name, [min, max]) {
      const value = text(name)
      if (value === undefined) return undefined
      const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN
      return number >= min && number <= max ? number : wrong(name, `is not a whole number from ${min} to ${max}`)
    },
    oneOf(name, choices) {
      const value = text(name)
      return value === undefined || choices.includes(value) ? value : wrong(name, `is not one of ${choices.join(', ')}`)
    },
    url(name, protocols) {
      const value = text(name)
      if (value === undefined) return undefined
      if (!isUrl(value, protocols))
        return wrong(name, `is not a URL that starts with ${(protocols ?? web).join('// or ')}//`)
      if (leavesInTheOpen(value))
        warnings.push(`${name} is http and leaves this machine: what is sent there can be read on the way.`)
      return value.replace(/\/+$/, '')
    },
  }
}

const web = ['https:', 'http:']

/** A URL on the web is somewhere to append a path to: names and passwords belong into variables of their own. */
function isUrl(value: string, protocols: readonly string[] = web): boolean {
  const url = URL.parse(value)
  if (!url || !protocols.includes(url.protocol)) return false
  return protocols !== web || (url.username === '' && url.password === '' && url.search === '' && url.hash === '')
}

function leavesInTheOpen(value: string): boolean {
  const url = URL.parse(value)
  return url?.protocol === 'http:' && !isLoopback(url.hostname)
}

/** Both names, as one setting. */
export function readRedisUrl(values: ConfigValues): string | undefined {
  const names = ['REDIS_URL', 'VALKEY_URL'] as const
  const [redis, valkey] = names.map((name) => values.url(name, ['redis:', 'rediss:', 'valkey:', 'valkeys:']))
  if (redis !== undefined && valkey !== undefined && redis !== valkey)
    values.mistakes.push('REDIS_URL and VALKEY_URL differ. They are two names for one setting; keep one.')
  return (redis ?? valkey)?.replace(/^valkey/, 'redis')
}

/** PEM from `PRIVATE_KEY` (line breaks as they are or as `\n`, or all of it in base64) or from the file of `PRIVATE_KEY_PATH`. */
export function readPrivateKey(values: ConfigValues): string | undefined {
  const inline = values.text('PRIVATE_KEY')
  const path = values.text('PRIVATE_KEY_PATH')
  const name = inline === undefined ? 'PRIVATE_KEY_PATH' : 'PRIVATE_KEY'
  let pem = inline?.replaceAll('\\n', '\n')
  if (pem !== undefined && !pem.includes('-----')) pem = Buffer.from(pem, 'base64').toString()
  try {
    if (pem === undefined && path !== undefined) pem = readFileSync(path, 'utf8')
  } catch (error) {
    return values.wrong(
      name,
      `cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'error'})`,
    )
  }
  if (pem === undefined) return undefined
  return isRsaKey(pem) ? pem : values.wrong(name, 'holds no RSA private key in PEM form')
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false // OpenSSL's reasons help nobody here, and they may quote the input
  }
}

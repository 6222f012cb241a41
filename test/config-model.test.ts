import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type ModelConfig, readModel } from '../src/config-model.ts'
import { createConfigValues } from '../src/config-values.ts'
import { ConfigError, type Needs, readConfig } from '../src/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-config-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

const prices = join(folder, 'prices.json')
writeFileSync(prices, JSON.stringify({ first: { input: 1, output: 2 }, second: { input: 3, output: 4 } }))
const local = { OPENAI_MODEL: 'first', OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1' }

function read(env: Record<string, string>): { config: ModelConfig | undefined; mistakes: string[] } {
  const values = createConfigValues(env)
  return { config: readModel(values, false), mistakes: values.mistakes.map(withoutHint) }
}

/** About the two names only: what else is missing is not of interest here. Without the hints. */
function mistakesOf(env: Record<string, string>, needs: Needs): string[] {
  try {
    readConfig(env, needs)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.mistakes.filter((one) => /^OPENAI_\w*MODEL /.test(one)).map(withoutHint)
  }
  return []
}

const withoutHint = (mistake: string): string => mistake.split('. ')[0] ?? ''

describe('OPENAI_VERIFY_MODEL', () => {
  test('without a model that finds there is nothing to verify', () => {
    const { config, mistakes } = read({ OPENAI_VERIFY_MODEL: 'second' })

    expect(config).toBeUndefined()
    expect(mistakes).toEqual(['OPENAI_VERIFY_MODEL is set, but OPENAI_MODEL is not'])
  })

  test('without it the model that found verifies', () => {
    const { config, mistakes } = read(local)

    expect(mistakes).toEqual([])
    expect(config).toMatchObject({ model: 'first' })
    expect(config?.verifier).toBeUndefined()
  })

  test('the mock model, which confirms whatever is claimed, is refused beside App credentials', () => {
    const env = { ...local, APP_ID: '1', OPENAI_VERIFY_MODEL: 'mock' }

    const refused = read(env).mistakes
    const allowed = read({ ...env, ALLOW_MOCK: '1' }).mistakes

    expect(refused).toEqual([expect.stringMatching(/^OPENAI_VERIFY_MODEL is "mock".*ALLOW_MOCK=1/)])
    expect(allowed).toEqual([])
  })

  test('one that is on api.openai.com needs a key, also when the model that finds needs none', () => {
    const { mistakes } = read({ OPENAI_MODEL: 'mock', OPENAI_VERIFY_MODEL: 'second' })

    expect(mistakes).toEqual([expect.stringMatching(/^OPENAI_API_KEY is missing/)])
  })

  test('each of the two has its own price', () => {
    const { config } = read({ ...local, OPENAI_VERIFY_MODEL: 'second', PRICES_FILE: prices })

    expect(config?.price).toEqual({ input: 1, output: 2 })
    expect(config?.verifier).toEqual({ model: 'second', price: { input: 3, output: 4 } })
  })

  test('one that is not in the list of prices has none, and the other keeps its own', () => {
    const { config, mistakes } = read({ ...local, OPENAI_VERIFY_MODEL: 'third', PRICES_FILE: prices })

    expect(mistakes).toEqual([])
    expect(config?.price).toEqual({ input: 1, output: 2 })
    expect(config?.verifier).toEqual({ model: 'third', price: undefined })
  })

  test('a list of prices that cannot be read is one mistake, not two', () => {
    const { mistakes } = read({ ...local, OPENAI_VERIFY_MODEL: 'second', PRICES_FILE: join(folder, 'none.json') })

    expect(mistakes).toEqual(['PRICES_FILE does not name a JSON file of prices'])
  })
})

describe('a mailbox', () => {
  test.each(['web', 'worker', 'start'] as const)('is refused where nobody answers: %s', (needs) => {
    expect(mistakesOf({ OPENAI_MODEL: 'mailbox:/tmp/mail' }, needs)).toEqual([
      'OPENAI_MODEL is a mailbox, which is for the command line only',
    ])
  })

  test('is taken by the command line, and needs neither key nor address', () => {
    const env = { OPENAI_MODEL: 'mailbox:/tmp/mail' }

    expect(mistakesOf(env, 'cli')).toEqual([])
    expect(readConfig(env, 'cli').model).toMatchObject({ model: 'mailbox:/tmp/mail', apiKey: undefined })
  })

  test.each(['web', 'worker', 'start'] as const)('does not verify where nobody answers: %s', (needs) => {
    const env = { ...local, OPENAI_VERIFY_MODEL: 'mailbox:/tmp/mail' }

    expect(mistakesOf(env, needs)).toEqual(['OPENAI_VERIFY_MODEL is a mailbox, which is for the command line only'])
  })
})

// The settings of the model.
import { type Price, readPrice } from './agent/prices.ts'
import type { ConfigValues } from './config-values.ts'

export interface ModelConfig {
  baseUrl: string
  apiKey: string | undefined
  model: string
  /** For one call. */
  timeoutMs: number
  price?: Price | undefined
  /** The model that tries to refute what the first one found. Missing: the same. */
  verifier?: { model: string; price: Price | undefined }
}

/** `mayWait`: somebody sits there, who can answer in a mailbox. */
export function readModel(values: ConfigValues, mayWait: boolean): ModelConfig | undefined {
  const model = values.text('OPENAI_MODEL')
  const given = values.url('OPENAI_BASE_URL')
  const apiKey = values.text('OPENAI_API_KEY')
  const verifier = values.text('OPENAI_VERIFY_MODEL')
  if (model === undefined) {
    if (verifier !== undefined) values.wrong('OPENAI_VERIFY_MODEL', 'is set, but OPENAI_MODEL is not')
    return undefined
  }
  const isMock = model === 'mock'
  const isMailbox = model.startsWith('mailbox:')
  if (isMock && values.text('APP_ID') !== undefined && values.text('ALLOW_MOCK') !== '1')
    values.wrong(
      'OPENAI_MODEL',
      'is "mock", whose reviews would be posted to real pull requests; ALLOW_MOCK=1 allows it',
    )
  if (isMailbox && !mayWait) values.wrong('OPENAI_MODEL', 'is a mailbox, which is for the command line only')
  if (!isMock && !isMailbox && given === undefined && apiKey === undefined)
    values.wrong('OPENAI_API_KEY', 'is missing, and https://api.openai.com/v1 needs one (or set OPENAI_BASE_URL)')
  const timeoutMs = values.integer('OPENAI_TIMEOUT_MS', [1000, 3_600_000]) ?? 300_000
  const endpoint = { baseUrl: given ?? 'https://api.openai.com/v1', apiKey, timeoutMs }
  const second = verifier === undefined ? {} : { verifier: { model: verifier, price: priceOf(verifier, values) } }
  return { ...endpoint, model, price: priceOf(model, values), ...second }
}

function priceOf(model: string, values: ConfigValues): Price | undefined {
  const file = values.text('PRICES_FILE')
  try {
    return file === undefined ? undefined : readPrice(file, model)
  } catch {
    return values.wrong('PRICES_FILE', 'does not name a JSON file of prices')
  }
}

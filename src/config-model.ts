// The settings of the model.
import { type Price, readPrice } from './agent/prices.ts'
import type { ConfigValues } from './config-values.ts'

/** The settings that name a model. */
export type ModelSetting = 'OPENAI_MODEL' | 'OPENAI_VERIFY_MODEL'

export interface ModelConfig {
  /** The one that names `model`: what has to be mended is told by it. */
  setting: ModelSetting
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
  const model = readName('OPENAI_MODEL', values, mayWait)
  const verifier = readName('OPENAI_VERIFY_MODEL', values, mayWait)
  const given = values.url('OPENAI_BASE_URL')
  const apiKey = values.text('OPENAI_API_KEY')
  if (model === undefined) {
    if (verifier !== undefined) values.wrong('OPENAI_VERIFY_MODEL', 'is set, but OPENAI_MODEL is not')
    return undefined
  }
  if ([model, verifier ?? model].some(hasServer) && given === undefined && apiKey === undefined)
    values.wrong('OPENAI_API_KEY', 'is missing, and https://api.openai.com/v1 needs one (or set OPENAI_BASE_URL)')
  const timeoutMs = values.integer('OPENAI_TIMEOUT_MS', [1000, 3_600_000]) ?? 300_000
  const endpoint = { baseUrl: given ?? 'https://api.openai.com/v1', apiKey, timeoutMs }
  const [price, verifierPrice] = pricesOf([model, verifier ?? model], values)
  const second = verifier === undefined ? {} : { verifier: { model: verifier, price: verifierPrice } }
  return { setting: 'OPENAI_MODEL', ...endpoint, model, price, ...second }
}

function hasServer(model: string): boolean {
  return model !== 'mock' && !model.startsWith('mailbox:')
}

function readName(variable: ModelSetting, values: ConfigValues, mayWait: boolean): string | undefined {
  const model = values.text(variable)
  if (model === 'mock' && values.text('APP_ID') !== undefined && values.text('ALLOW_MOCK') !== '1')
    values.wrong(
      variable,
      'is "mock", whose answers would decide what is posted to real pull requests; ALLOW_MOCK=1 allows it',
    )
  if (model?.startsWith('mailbox:') && !mayWait)
    values.wrong(variable, 'is a mailbox, which is for the command line only')
  return model
}

function pricesOf(models: readonly string[], values: ConfigValues): (Price | undefined)[] {
  const file = values.text('PRICES_FILE')
  try {
    return file === undefined ? [] : models.map((model) => readPrice(file, model))
  } catch {
    values.wrong('PRICES_FILE', 'does not name a JSON file of prices')
    return []
  }
}

// Which model a command asks: by name, or the one of the settings.
import type { Model } from '../agent/model.ts'
import { createModel } from '../agent/models/create-model.ts'
import { mailboxFolder } from '../agent/models/mailbox-model.ts'
import type { Price } from '../agent/prices.ts'
import { type Environment, readConfig } from '../config.ts'
import { typedPath, UsageError } from './arguments.ts'

export interface ChosenModel {
  /** `undefined`: none, only the checks look. */
  model: Model | undefined
  name: string
  price: Price | undefined
}

/** What is said instead of a name: only the checks look. */
export const noModel = 'none'

/**
 * `say` tells somebody that a mailbox waits for an answer. Throws a `UsageError` when no model is named anywhere: a review
 * without one would look like one that found nothing.
 */
export function chooseModel(given: string | undefined, env: Environment, say: (line: string) => void): ChosenModel {
  const name = given ?? readConfig(env, 'cli').model?.model
  if (name === undefined)
    throw new UsageError(
      'No model is set. Set OPENAI_MODEL, or name one: --model NAME for the server of OPENAI_BASE_URL, --model mock for fixed rules, --model mailbox:DIR to answer by hand, --model none for the checks alone.',
    )
  if (name === noModel) return { model: undefined, name, price: undefined }
  const folder = mailboxFolder(name)
  if (folder !== undefined) return openMailbox(typedPath(folder, env), say)
  // Nothing is posted from here, so the mock model harms nobody.
  const config = readConfig({ ...env, OPENAI_MODEL: name, ALLOW_MOCK: '1' }, 'cli').model
  if (!config) throw new UsageError('--model needs a name.')
  return { model: createModel(config), name, price: config.price }
}

function openMailbox(dir: string, say: (line: string) => void): ChosenModel {
  // No server, so neither address, key nor patience matter.
  const setting = 'OPENAI_MODEL' as const
  const config = { setting, model: `mailbox:${dir}`, baseUrl: 'http://127.0.0.1', apiKey: undefined, timeoutMs: 0 }
  const onWaiting = (page: string, answer: string): void => say(`${page} waits for ${answer}`)
  return { model: createModel(config, { onWaiting }), name: config.model, price: undefined }
}

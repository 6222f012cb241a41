// Which models a command asks: by name, or those of the settings.
import type { Model } from '../agent/model.ts'
import { createModel, verifierOf } from '../agent/models/create-model.ts'
import { mailboxFolder } from '../agent/models/mailbox-model.ts'
import type { Price } from '../agent/prices.ts'
import type { ModelConfig } from '../config-model.ts'
import { type Environment, readConfig } from '../config.ts'
import { type Options, typedPath, UsageError } from './arguments.ts'
import type { Say } from './progress.ts'

export interface ChosenModel {
  /** `undefined`: none, only the checks look. */
  model: Model | undefined
  name: string
  price: Price | undefined
}

export interface ChosenModels {
  finder: ChosenModel
  /** Often the same. */
  verifier: ChosenModel
}

/** What is said instead of a name: only the checks look. */
export const noModel = 'none'

/** As a worker has them, where no option says otherwise. Throws a `UsageError`. */
export function chooseModels(options: Options, given: Environment, say: Say): ChosenModels {
  const named = options['verify-model']
  const refusal = '--verify-model verifies what another model found: neither of the two may be "none".'
  if (named === noModel) throw new UsageError(refusal)
  const env = named === undefined ? given : { ...given, OPENAI_VERIFY_MODEL: named }
  const finder = chooseModel(options.model, env, say)
  if (named !== undefined && !finder.model) throw new UsageError(refusal)
  if (!finder.model) return { finder, verifier: finder }
  const config = readConfig({ ...env, OPENAI_MODEL: finder.name, ALLOW_MOCK: '1' }, 'cli').model
  const verifier = config && verifierOf(config)
  return { finder, verifier: verifier ? open(verifier, env, say) : finder }
}

/**
 * `say` tells somebody that a mailbox waits for an answer. Throws a `UsageError` when no model is named anywhere: a review
 * without one would look like one that found nothing.
 */
export function chooseModel(given: string | undefined, env: Environment, say: Say): ChosenModel {
  const name = given ?? readConfig(env, 'cli').model?.model
  if (name === undefined)
    throw new UsageError(
      'No model is set. Set OPENAI_MODEL, or name one: --model NAME for the server of OPENAI_BASE_URL, --model mock for fixed rules, --model mailbox:DIR to answer by hand, --model none for the checks alone.',
    )
  if (name === noModel) return { model: undefined, name, price: undefined }
  // Nothing is posted from here, so the mock model harms nobody.
  const config = readConfig({ ...env, OPENAI_MODEL: name, ALLOW_MOCK: '1' }, 'cli').model
  if (!config) throw new UsageError('--model needs a name.')
  return open(config, env, say)
}

function open(config: ModelConfig, env: Environment, say: Say): ChosenModel {
  const folder = mailboxFolder(config.model)
  const name = folder === undefined ? config.model : `mailbox:${typedPath(folder, env)}`
  const onWaiting = (page: string, answer: string): void => say(`${page} waits for ${answer}`)
  return { model: createModel({ ...config, model: name }, { onWaiting }), name, price: config.price }
}

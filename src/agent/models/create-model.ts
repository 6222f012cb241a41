// Which model stands behind a name.
import type { ModelConfig } from '../../config-model.ts'
import { UserError } from '../../review/errors.ts'
import type { Model } from '../model.ts'
import { createCapableModel } from './capable-model.ts'
import { createMailboxModel, mailboxFolder, type MailboxOptions } from './mailbox-model.ts'
import { createMockModel, mockModelName } from './mock-model.ts'
import { createOpenAIModel } from './openai-model.ts'

/** `onWaiting` says that somebody is there to answer in a folder; without it, `mailbox:DIR` is a `UserError`. */
export function createModel(config: ModelConfig, { onWaiting }: Pick<MailboxOptions, 'onWaiting'> = {}): Model {
  if (config.model === mockModelName) return createMockModel()
  const dir = mailboxFolder(config.model)
  if (dir === undefined) return createCapableModel(createOpenAIModel(config))
  if (onWaiting) return createMailboxModel({ dir, onWaiting })
  throw new UserError(`${config.setting} names a mailbox, which is for the command line only. Name a model.`)
}

/** Of the second model, if there is one; the endpoint is the same. */
export function verifierOf({ verifier, ...shared }: ModelConfig): ModelConfig | undefined {
  return verifier && { ...shared, ...verifier, setting: 'OPENAI_VERIFY_MODEL' }
}

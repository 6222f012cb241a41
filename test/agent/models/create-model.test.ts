import { expect, test } from 'vitest'
import { createModel } from '../../../src/agent/models/create-model.ts'

const config = {
  setting: 'OPENAI_MODEL' as const,
  apiKey: undefined,
  baseUrl: 'http://127.0.0.1:1/v1',
  timeoutMs: 1_000,
  price: undefined,
}

test('a mailbox is refused where nobody could answer', () => {
  const setting = 'OPENAI_VERIFY_MODEL' as const

  expect(() => createModel({ ...config, model: 'mailbox:/tmp/box' })).toThrow(/^OPENAI_MODEL names a mailbox/)
  expect(() => createModel({ ...config, setting, model: 'mailbox:/tmp/box' })).toThrow(/^OPENAI_VERIFY_MODEL names/)
})

test.each(['mock', 'mailbox:/tmp/box', 'mailbox', 'tiny'])('%s keeps its name', (model) => {
  expect(createModel({ ...config, model }, { onWaiting: () => {} }).name).toBe(model)
})

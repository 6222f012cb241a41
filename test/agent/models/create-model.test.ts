import { expect, test } from 'vitest'
import { createModel } from '../../../src/agent/models/create-model.ts'

const config = { apiKey: undefined, baseUrl: 'http://127.0.0.1:1/v1', timeoutMs: 1_000, price: undefined }

test('a mailbox is refused where nobody could answer', () => {
  expect(() => createModel({ ...config, model: 'mailbox:/tmp/box' })).toThrow(/^OPENAI_MODEL names a mailbox/)
})

test.each(['mock', 'mailbox:/tmp/box', 'mailbox', 'tiny'])('%s keeps its name', (model) => {
  expect(createModel({ ...config, model }, { onWaiting: () => {} }).name).toBe(model)
})

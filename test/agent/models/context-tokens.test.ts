// What servers tell of the length of a request, over HTTP.
import { expect, onTestFinished, test } from 'vitest'
import type { Model } from '../../../src/agent/model.ts'
import { createCapableModel } from '../../../src/agent/models/capable-model.ts'
import { createOpenAIModel } from '../../../src/agent/models/openai-model.ts'
import { startModel } from '../../support/model/model.ts'

async function listing(...listed: object[]): Promise<Model> {
  const server = await startModel([], { listed })
  onTestFinished(() => server.close())
  const endpoint = { apiKey: undefined, baseUrl: server.url, model: 'tiny', timeoutMs: 5_000 }
  return createCapableModel(createOpenAIModel(endpoint))
}

test('an endpoint that cannot be reached tells nothing, and is no error', async () => {
  const model = createOpenAIModel({
    apiKey: undefined,
    baseUrl: 'http://127.0.0.1:1/v1',
    model: 'tiny',
    timeoutMs: 500,
  })

  expect(await model.contextTokens?.()).toBeUndefined()
})

test.each([
  ['no model', []],
  ['other models', [{ id: 'a', context_length: 1000 }, { id: 'b' }]],
  ['the model, as OpenAI lists it', [{ id: 'tiny', object: 'model' }]],
  ['something else', [{ name: 'tiny', max_model_len: 1000 }]],
  ['nonsense', [{ id: 'tiny', max_model_len: 'many', meta: 3, top_provider: null }]],
])('a list with %s tells nothing', async (_, listed) => {
  const model = await listing(...listed)

  expect(await model.contextTokens?.()).toBeUndefined()
})

test.each([
  ['vLLM', { id: 'tiny', max_model_len: 8096 }, 8096],
  ['OpenRouter', { id: 'tiny', context_length: 200_000, top_provider: { context_length: 131_072 } }, 131_072],
  ['llama.cpp, with one model and any name', { id: '/models/x.gguf', meta: { n_ctx_train: 32_768 } }, 32_768],
])('%s tells it', async (_, listed, tokens) => {
  const model = await listing(listed)

  expect(await model.contextTokens?.()).toBe(tokens)
})

import { z } from 'zod'
import type { ModelConfig } from '../config.ts'
import type { Diagnosis } from '../doctor.ts'
import { mockModelName } from './mock-model.ts'
import { createOpenAIModel } from './openai-model.ts'

const about = 'model'

/** A question that needs no thinking. Thinking models spend hidden tokens all the same: the limit leaves them room. */
const question = {
  messages: [{ role: 'user', content: 'Answer with the JSON object {"ready": true} and nothing else.' }],
  form: {
    name: 'readiness',
    schema: {
      type: 'object',
      properties: { ready: { type: 'boolean' } },
      required: ['ready'],
      additionalProperties: false,
    },
  },
  maxOutputTokens: 2000,
} as const

/** Whether the model answers, and in the form that it is asked for. Costs one tiny answer. Never throws. */
export async function checkModel(config: ModelConfig): Promise<Diagnosis[]> {
  if (config.model === mockModelName)
    return [
      {
        about,
        mark: 'warn',
        sentence: 'The mock model reviews by fixed rules.',
        fix: 'Name a real one in OPENAI_MODEL.',
      },
    ]
  const model = createOpenAIModel({ ...config, timeoutMs: Math.min(config.timeoutMs, 60_000) })
  try {
    const reply = await model.complete(question, AbortSignal.timeout(90_000))
    const text = reply.kind === 'text' ? reply.text : ''
    if (isForm(text))
      return [{ about, mark: 'ok', sentence: `${config.model} answers, and in the form it is asked for.` }]
    const sentence = `${config.model} answers, but not in the form it is asked for.`
    return [
      {
        about,
        mark: 'warn',
        sentence,
        fix: 'Its reviews may fail; set OPENAI_MODEL to a model with structured output.',
      },
    ]
  } catch (error) {
    // Messages of the model's port hold neither key nor prompt.
    const said = error instanceof Error ? error.message : String(error)
    const sentence = said.endsWith('.') ? said : `${said}.`
    return [{ about, mark: 'fail', sentence, fix: 'Look at OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL.' }]
  }
}

function isForm(text: string): boolean {
  try {
    return z.object({ ready: z.boolean() }).safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

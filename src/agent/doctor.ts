import { z } from 'zod'
import type { ModelConfig } from '../config.ts'
import type { Diagnosis } from '../doctor.ts'
import { mockModelName } from './models/mock-model.ts'
import { createClient, createOpenAIModel } from './models/openai-model.ts'

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

/** Whether the model answers, in the form that it is asked for, and what else it can do. Costs two tiny answers. Never throws. */
export async function checkModel(config: ModelConfig): Promise<Diagnosis[]> {
  if (config.model === mockModelName) {
    const sentence = 'The mock model reviews by fixed rules.'
    return [{ about, mark: 'warn', sentence, fix: 'Name a real one in OPENAI_MODEL.' }]
  }
  const quick = { ...config, timeoutMs: Math.min(config.timeoutMs, 60_000) }
  const answer = await checkAnswer(quick)
  return answer.mark === 'fail' ? [answer] : [answer, await checkTools(quick), checkPrice(config)]
}

async function checkAnswer(config: ModelConfig): Promise<Diagnosis> {
  try {
    const reply = await createOpenAIModel(config).complete(question, AbortSignal.timeout(90_000))
    if (reply.kind === 'text' && isForm(reply.text))
      return { about, mark: 'ok', sentence: `${config.model} answers, and in the form it is asked for.` }
    const sentence = `${config.model} answers, but not in the form it is asked for.`
    const fix = 'Its reviews may fail; set OPENAI_MODEL to a model with structured output.'
    return { about, mark: 'warn', sentence, fix }
  } catch (error) {
    // Messages of the model's port hold neither key nor prompt.
    const said = error instanceof Error ? error.message : String(error)
    const sentence = said.endsWith('.') ? said : `${said}.`
    return { about, mark: 'fail', sentence, fix: 'Look at OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL.' }
  }
}

const tool = { name: 'ready', description: 'Says that you are ready.', parameters: { type: 'object', properties: {} } }

/** Reviews do without tools, so a model without them is fit. */
async function checkTools(config: ModelConfig): Promise<Diagnosis> {
  const messages = [{ role: 'user' as const, content: 'Call the tool "ready" now.' }]
  const tools = [{ type: 'function' as const, function: tool }]
  const called = await createClient(config)
    .chat.completions.create({ model: config.model, messages, tools }, { signal: AbortSignal.timeout(90_000) })
    .then(
      // A proxy may answer anything with status 200.
      (answer) => (answer as Partial<typeof answer>).choices?.[0]?.message?.tool_calls?.length ?? 0,
      () => 0,
    )
  if (called > 0) return { about, mark: 'ok', sentence: 'It calls tools.' }
  return { about, mark: 'ok', sentence: 'It calls no tools; reviews do without them.' }
}

function checkPrice({ model, price }: ModelConfig): Diagnosis {
  if (price)
    return { about, mark: 'ok', sentence: `A million tokens cost ${price.input} USD in and ${price.output} USD out.` }
  const fix = `Put {"${model}": {"input": …, "output": …}} into a file, in US dollars per million tokens, and name it in PRICES_FILE.`
  return { about, mark: 'warn', sentence: 'Its price is not known, so reviews show no cost.', fix }
}

function isForm(text: string): boolean {
  try {
    return z.object({ ready: z.boolean() }).safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

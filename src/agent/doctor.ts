import { z } from 'zod'
import type { ModelConfig } from '../config-model.ts'
import type { Diagnosis } from '../doctor.ts'
import { callsNatively } from './models/capable-model.ts'
import { verifierOf } from './models/create-model.ts'
import { mailboxFolder } from './models/mailbox-model.ts'
import { mockModelName } from './models/mock-model.ts'
import { createOpenAIModel } from './models/openai-model.ts'

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

/**
 * Whether each model answers, in the form that it is asked for, and what else it can do. Costs two tiny answers of each. Never
 * throws.
 */
export async function checkModels(config: ModelConfig): Promise<Diagnosis[]> {
  const verifier = verifierOf(config)
  // What is wrong with it fails every review that finds something.
  const second =
    verifier && checkModel(verifier).then((found) => found.map((one) => ({ ...one, about: 'verifying model' })))
  return (await Promise.all([checkModel(config), second ?? []])).flat()
}

async function checkModel(config: ModelConfig): Promise<Diagnosis[]> {
  if (config.model === mockModelName) {
    const sentence = 'The mock model reviews by fixed rules.'
    return [{ about, mark: 'warn', sentence, fix: `Name a real one in ${config.setting}.` }]
  }
  if (mailboxFolder(config.model) !== undefined) {
    const sentence = 'Somebody answers in place of a model, in a folder.'
    return [{ about, mark: 'warn', sentence, fix: `Name a real one in ${config.setting}.` }]
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
    const fix = `Its reviews may fail; set ${config.setting} to a model with structured output.`
    return { about, mark: 'warn', sentence, fix }
  } catch (error) {
    const fix = `Look at OPENAI_BASE_URL, OPENAI_API_KEY and ${config.setting}.`
    return { about, mark: 'fail', sentence: sentenceOf(error), fix }
  }
}

/** Messages of the model's port hold neither key nor prompt. */
function sentenceOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  return said.endsWith('.') ? said : `${said}.`
}

/** Without tools of its own a model is asked for calls in text. Never throws. */
async function checkTools(config: ModelConfig): Promise<Diagnosis> {
  try {
    const native = await callsNatively(createOpenAIModel(config), AbortSignal.timeout(90_000))
    if (native) return { about, mark: 'ok', sentence: 'It calls tools natively.' }
    return { about, mark: 'ok', sentence: 'It does not call tools natively; it is asked for calls in text.' }
  } catch (error) {
    return {
      about,
      mark: 'warn',
      sentence: `Whether it calls tools is not known: ${sentenceOf(error)}`,
      fix: 'Try again.',
    }
  }
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

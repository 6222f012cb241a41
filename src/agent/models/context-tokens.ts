// How long a request may be, where the server's list of models says so. OpenAI's own does not; the names are those of others.
import type OpenAI from 'openai'
import { z } from 'zod'

const size = z.number().positive().optional().catch(undefined)

const listed = z.object({
  id: z.string(),
  /** vLLM: as it was started. */
  max_model_len: size,
  /** OpenRouter, and what it sends the request to. */
  context_length: size,
  top_provider: z.object({ context_length: size }).optional().catch(undefined),
  /** llama.cpp: as it was started, in newer versions, and what the model was made for. */
  meta: z.object({ n_ctx: size, n_ctx_train: size }).optional().catch(undefined),
})

const list = z.object({ data: z.array(listed) })

/** It is only an advance notice: a server that is slow to tell is not waited for. */
const patienceMs = 10_000

/** The smallest number that is named. `undefined`: none is, or the list cannot be had. */
export async function readContextTokens(client: OpenAI, model: string): Promise<number | undefined> {
  const answer: unknown = await client
    .get('/models', { signal: AbortSignal.timeout(patienceMs) })
    .catch(() => undefined)
  const models = list.safeParse(answer).data?.data ?? []
  // Servers with one model take any name for it.
  const found = models.find((one) => one.id === model) ?? (models.length === 1 ? models[0] : undefined)
  if (!found) return undefined
  const { context_length: length, max_model_len: started, meta, top_provider: provider } = found
  const named = [length, started, meta?.n_ctx, meta?.n_ctx_train, provider?.context_length]
  const known = named.filter((one) => one !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

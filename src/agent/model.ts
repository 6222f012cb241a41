// The port to a model: one request, one reply. What stands behind it is in `models/`.
import type { TokenCount } from '../jobs/ports.ts'

export type ModelMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: readonly ToolCall[] }
  /** The answer to one call, for each call of the assistant's message before it. */
  | { role: 'tool'; callId: string; content: string }

/** A call as the model wrote it: names and arguments are checked by whoever runs it. */
export interface ToolCall {
  id: string
  name: string
  /** JSON, if the model kept to it. */
  arguments: string
}

/** What the model may ask for before it answers. */
export interface ToolOffer {
  name: string
  /** For the model. */
  description: string
  /** A JSON schema of an object that strict servers take. */
  parameters: Record<string, unknown>
}

/** The form that the answer is asked to have. A model may ignore it: the answer is checked in any case. */
export interface AnswerForm {
  name: string
  /** A JSON schema that strict servers take: every property required, no bounds. */
  schema: Record<string, unknown>
}

export interface ModelRequest {
  messages: readonly ModelMessage[]
  form: AnswerForm
  maxOutputTokens: number
  /**
   * While there are tools, the form is not enforced: some servers refuse both at once. An empty list offers none, and leaves
   * the form to the messages.
   */
  tools?: readonly ToolOffer[]
  /** `none`: the tools are named only because earlier messages used them. A model may still call one. */
  toolChoice?: 'none'
}

export type ModelReply =
  | { kind: 'text'; text: string; tokens: TokenCount }
  /** At least one call; `text` is what was said beside them. Only where tools were offered. */
  | { kind: 'calls'; calls: ToolCall[]; text: string; tokens: TokenCount }
  /** The token limit ended the answer; what came before it is there. */
  | { kind: 'cut-off'; text: string; tokens: TokenCount }
  /** The model or a filter will not answer. `reason` may repeat the prompt: it belongs into no error and no log. */
  | { kind: 'refused'; reason: string; tokens: TokenCount }

export interface Model {
  /** As the operator named it. Part of what a memoised answer is compared by. */
  readonly name: string
  /**
   * Throws the signal's reason when aborted; `ParkedError` when asked to wait; `UserError` that names the setting when the
   * operator has to act; `ContextTooLongError`; `PermanentError` for a request that will never be taken; any other error is
   * worth a retry. No message contains the key, the prompt or the provider's own words.
   */
  complete(request: ModelRequest, signal: AbortSignal): Promise<ModelReply>
  /**
   * Tokens of question and answer together, at most, where the server tells it. It may take fewer, so `ContextTooLongError`
   * is still to be expected. Asked once; never rejects.
   */
  contextTokens?(): Promise<number | undefined>
}

/** Whether tools are offered, or were called before. */
export function usesTools({ messages, tools = [] }: ModelRequest): boolean {
  return tools.length > 0 || messages.some((one) => one.role === 'tool')
}

/** The request is longer than the model, or the account's limit for one request, allows. A shorter one may be taken. */
export class ContextTooLongError extends Error {
  override readonly name = 'ContextTooLongError'
}

export const noTokens: TokenCount = { input: 0, output: 0, cached: 0 }

export function addTokens(a: TokenCount, b: TokenCount): TokenCount {
  return { input: a.input + b.input, output: a.output + b.output, cached: a.cached + b.cached }
}

export interface CountedModel extends Model {
  /** Tokens of all replies so far, those included that are of no use. */
  taken(): TokenCount
}

export function createCountedModel(model: Model): CountedModel {
  let tokens = noTokens
  return {
    ...model,
    async complete(request, signal) {
      const reply = await model.complete(request, signal)
      tokens = addTokens(tokens, reply.tokens)
      return reply
    },
    taken: () => tokens,
  }
}

// The port to a model: one request, one reply. `openai-model.ts` is what stands behind it.
import type { TokenCount } from '../jobs/ports.ts'

export interface ModelMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
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
}

export type ModelReply =
  | { kind: 'text'; text: string; tokens: TokenCount }
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
}

/** The request is longer than the model, or the account's limit for one request, allows. A shorter one may be taken. */
export class ContextTooLongError extends Error {
  override readonly name = 'ContextTooLongError'
}

export function addTokens(a: TokenCount, b: TokenCount): TokenCount {
  return { input: a.input + b.input, output: a.output + b.output, cached: a.cached + b.cached }
}

// A request to a model as a page that a person can read and answer.
import type { ModelMessage, ModelRequest } from '../model.ts'
import { describeTool, writeCalls } from '../text/tool-text.ts'

export interface PageFacts {
  /** As in the names of the files. */
  number: string
  request: ModelRequest
  /** An earlier request whose messages this one begins with, for who has read that one. */
  goesOnFrom?: { number: string; messages: number } | undefined
}

/** The messages stand between rulers of a character that code does not hold, byte for byte. */
export function pageOf(facts: PageFacts): string {
  const { form, maxOutputTokens, messages, tools = [] } = facts.request
  const offer = tools.length === 0 ? [] : [ruler('The tools'), tools.map(describeTool).join('\n')]
  return [
    howToAnswer(facts),
    ...messages.flatMap((message, index) => [ruler(headingOf(messages, index)), bodyOf(message)]),
    ...offer,
    ruler(`The form of the answer: ${form.name}, at most ${maxOutputTokens} tokens`),
    JSON.stringify(form.schema),
    '',
  ].join('\n')
}

function howToAnswer({ goesOnFrom, number, request }: PageFacts): string {
  const lines = [
    `# Request ${number}: ${request.form.name}`,
    '',
    `A model is asked, and you answer in its place: write your answer to \`${number}.answer.json\` or \`${number}.answer.md\` in this folder.`,
    'It counts when it is valid JSON, or when the file has not changed for a moment: if you write in several steps, write',
    'under another name and rename it. Nothing is in a hurry.',
    '',
    'Answer with one of these:',
    '- the final answer: one JSON object of the form that is named at the end of this page,',
  ]
  if ((request.tools ?? []).length > 0)
    lines.push(
      '- or calls of the tools below, several at once if you like: {"calls": [{"tool": "name", "arguments": {…}}]}.',
      '  Their results come with the next request.',
    )
  const { messages } = request
  if (goesOnFrom)
    lines.push(
      '',
      `Messages 1 to ${goesOnFrom.messages} of ${messages.length} are those of request ${goesOnFrom.number}: who has read them goes on at message ${goesOnFrom.messages + 1}.`,
    )
  return lines.join('\n')
}

function ruler(heading: string): string {
  return `\n════════ ${heading} ════════\n`
}

function headingOf(messages: readonly ModelMessage[], index: number): string {
  const message = messages[index]
  const place = `Message ${index + 1} of ${messages.length}`
  if (message?.role !== 'tool') return `${place}: ${message?.role}`
  const calls = messages.slice(0, index).flatMap((one) => (one.role === 'assistant' ? (one.toolCalls ?? []) : []))
  const call = calls.findLast((one) => one.id === message.callId)
  return `${place}: result of ${call ? `${call.name} ${call.arguments}` : message.callId}`
}

function bodyOf(message: ModelMessage): string {
  if (message.role !== 'assistant' || message.toolCalls === undefined) return message.content
  return [message.content, writeCalls(message.toolCalls)].filter(Boolean).join('\n')
}

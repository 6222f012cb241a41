// Is a request, and is a reply, what GitHub's published description says? Keeps our client and our stand-in honest.
import { type Operation, type Parameter, findOperation, jsonSchemaOf, resolve } from './description.ts'
import { problemWith } from './schema.ts'

export interface HttpRequest {
  method: string
  /** Path and query. */
  url: string
  /** Parsed JSON; `undefined` when there was none. */
  body?: unknown
}

export interface HttpReply {
  status: number
  body?: unknown
}

/** Any route may answer so, though the description names few of them per operation. */
const anywhere = new Set([400, 401, 403, 404, 410, 422, 429, 451])
const plainError = { $ref: '#/components/schemas/basic-error' }

/** Every way in which the request departs from the description. A misspelt key is one: GitHub would ignore it. */
export function departuresOfRequest(request: HttpRequest): string[] {
  const url = new URL(request.url, 'http://github.test')
  const operation = findOperation(request.method, url.pathname)
  if (!operation) return [`GitHub has no ${request.method} ${url.pathname}`]
  const problems = [...departuresOfQuery(operation, url.searchParams), ...departuresOfBody(operation, request.body)]
  return problems.map((problem) => `${operation.operationId}: ${problem}`)
}

function departuresOfQuery(operation: Operation, given: URLSearchParams): string[] {
  const known = (operation.parameters ?? []).map((one) => resolve(one)).filter((one) => one.in === 'query')
  const unknown = [...given.keys()].filter((name) => !known.some((one) => one.name === name))
  const wrong = known.map((one) => departureOfParameter(one, given.get(one.name)))
  return [...unknown.map((name) => `unknown query parameter ${name}`), ...wrong.filter((one) => one !== undefined)]
}

function departureOfParameter(parameter: Parameter, raw: string | null): string | undefined {
  const { name, schema } = parameter
  if (raw === null) return parameter.required === true ? `query parameter ${name} is required` : undefined
  if (!schema) return undefined
  const problem = problemWith(fromQuery(raw, schema['type']), schema, 'open')
  return problem && `query parameter ${name}: ${problem}`
}

function fromQuery(raw: string, type: unknown): unknown {
  if (type === 'integer' || type === 'number') return Number(raw)
  return type === 'boolean' ? raw === 'true' : raw
}

function departuresOfBody(operation: Operation, body: unknown): string[] {
  const schema = operation.requestBody && jsonSchemaOf(operation.requestBody)
  if (!schema) return body === undefined ? [] : ['takes no JSON body']
  if (body === undefined) return operation.requestBody?.required === true ? ['a JSON body is required'] : []
  const problem = problemWith(body, schema, 'closed')
  return problem === undefined ? [] : [`request ${problem}`]
}

/** Every way in which the reply to such a request departs from the description. */
export function departuresOfReply(request: HttpRequest, reply: HttpReply): string[] {
  const operation = findOperation(request.method, new URL(request.url, 'http://github.test').pathname)
  if (!operation) return []
  const { status } = reply
  const described = operation.responses[String(status)]
  if (!described && !anywhere.has(status)) {
    return [
      `${operation.operationId}: reply ${status} is not described (${Object.keys(operation.responses).join(', ')})`,
    ]
  }
  const schema = described ? jsonSchemaOf(resolve(described)) : plainError
  if (!schema) return []
  const problem = problemWith(reply.body, schema, 'open')
  return problem === undefined ? [] : [`${operation.operationId}: reply ${status} ${problem}`]
}

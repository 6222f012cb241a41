// GitHub's published description of its API (OpenAPI 3.0.3, the package @octokit/openapi), and how to find an operation
// in it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export type Schema = Record<string, unknown>

interface Reference {
  $ref?: string
}

export interface Parameter extends Reference {
  name: string
  in: string
  required?: boolean
  schema?: Schema
}

interface Content {
  content?: Record<string, { schema?: Schema; examples?: Record<string, Reference & { value?: unknown }> }>
}

export interface Operation {
  operationId: string
  parameters?: Parameter[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content & Reference>
}

interface Description {
  paths: Record<string, Record<string, Operation>>
  components: Schema
}

/** 13 MB, about 0.3 s: read once per process, when first needed. */
let loaded: Description | undefined

export function readDescription(): Description {
  if (loaded) return loaded
  const file = '@octokit/openapi/generated/api.github.com.json'
  // The types above name only what is used of GitHub's document.
  loaded = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(file), 'utf8')) as Description
  correctInstallations(loaded)
  return loaded
}

/**
 * A slip in the document: where installations are listed, an account is said to be user and enterprise at once. GitHub's
 * own example of the reply is no such thing, and for a single installation it says "either".
 */
function correctInstallations(description: Description): void {
  const response = description.paths['/app/installations']?.['get']?.responses['200']
  // So the document is built, down to the field.
  const list = response && (jsonSchemaOf(response) as { items?: { properties?: { account?: Schema } } } | undefined)
  const account = list?.items?.properties?.account
  if (!account || !('allOf' in account)) return
  account['anyOf'] = account['allOf']
  delete account['allOf']
}

/** Follows `$ref`, which always points into the document itself. */
export function resolve<T extends object>(value: T & Reference): T {
  if (value.$ref === undefined) return value
  const keys = value.$ref.slice(2).split('/')
  // Every reference of the document leads to a value of the kind that refers to it.
  return keys.reduce<unknown>((at, key) => (at as Schema)[key], readDescription()) as T
}

export function jsonSchemaOf(content: Content): Schema | undefined {
  return content.content?.['application/json']?.schema
}

interface Route {
  method: string
  pattern: RegExp
  /** More fixed segments win: `/repos/{owner}/{repo}/pulls/comments` over `/pulls/{pull_number}`. */
  fixedSegments: number
  operation: Operation
}

let routes: Route[] | undefined

/** `path` is without the query. */
export function findOperation(method: string, path: string): Operation | undefined {
  routes ??= Object.entries(readDescription().paths)
    .flatMap(([template, operations]) =>
      Object.entries(operations).map(([name, operation]) => ({
        method: name.toUpperCase(),
        pattern: patternOf(template),
        fixedSegments: template.split('/').filter((one) => one !== '' && !one.startsWith('{')).length,
        operation,
      })),
    )
    .sort((a, b) => b.fixedSegments - a.fixedSegments)
  return routes.find((one) => one.method === method && one.pattern.test(path))?.operation
}

/** The values of these three may contain slashes. */
function patternOf(template: string): RegExp {
  const text = template
    .replaceAll('.', '\\.')
    .replaceAll(/\{(?:path|ref|basehead)\}/g, '.+')
    .replaceAll(/\{[^}]+\}/g, '[^/]+')
  return new RegExp(`^${text}$`)
}

/** GitHub's own example of a reply: the base of the stand-in's answers. Throws when there is none. */
export function exampleReply(method: string, template: string, status: number): unknown {
  const response = readDescription().paths[template]?.[method.toLowerCase()]?.responses[String(status)]
  const examples = response && Object.values(resolve(response).content?.['application/json']?.examples ?? {})
  const first = examples?.[0]
  if (!first) throw new Error(`GitHub's description has no example of ${method} ${template} ${status}`)
  return structuredClone(resolve(first).value)
}

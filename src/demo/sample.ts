// The sample: one pull request as data, in `sample/`. Its owner's name has two dashes in a row, which GitHub gives to nobody,
// so no link and no request can ever mean somebody's real repository.
// https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
import { readFileSync } from 'node:fs'
import stored from './sample/delivery.json' with { type: 'json' }
import pullRequest from './sample/pull-request.json' with { type: 'json' }

const { base, body, commits, files, head, installation, repository, title, user } = pullRequest

export const sample = { base, body, commits, head, installation, repository, title, user }

/** `owner/name`. */
export const sampleRepository = `${repository.owner.login}/${repository.name}`

export interface SampleFile {
  filename: string
  status: string
  additions: number
  deletions: number
  /** Hunks without file headers, as GitHub gives them. */
  patch: string
}

export function readSampleFiles(): SampleFile[] {
  return files.map((file) => ({ ...file, patch: readSample(file.filename, 'patch') }))
}

/** The whole file at the head; `undefined` when the sample has none of this name. */
export function readSampleText(filename: string): string | undefined {
  return files.some((file) => file.filename === filename) ? readSample(filename, 'txt') : undefined
}

/** The endings keep our own tools from taking the sample for a part of the program. */
function readSample(filename: string, ending: 'patch' | 'txt'): string {
  const name = filename.slice(filename.lastIndexOf('/') + 1)
  return readFileSync(new URL(`sample/${name}.${ending}`, import.meta.url), 'utf8')
}

export interface SampleDelivery {
  event: string
  guid: string
  payload: unknown
}

/**
 * The stored delivery, for the sample opened as this number. Each number is a pull request of its own, so the sample can be
 * reviewed again, with another model for example, while a second delivery for the same one still adds nothing.
 */
export function sampleDelivery(number: number, guid: string): SampleDelivery {
  const { event, payload } = stored
  return { event, guid, payload: { ...payload, number, pull_request: { ...payload.pull_request, number } } }
}

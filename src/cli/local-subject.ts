// Opens what is reviewed: a range of a repository on this machine, or a case of an evaluation.
import { join } from 'node:path'
import type { Environment } from '../config.ts'
import type { CaseSource, EvalCase } from '../eval/eval-case.ts'
import { gitEnvironment } from '../outbound-proxy.ts'
import { type CommittedFiles, createFreshRepository } from '../repo/fresh-repository.ts'
import { createGit } from '../repo/git.ts'
import { readLocalChange } from '../repo/local-change.ts'
import type { LocalSubject } from './local-story.ts'

export interface LocalRange {
  folder: string
  /** `main..HEAD`, and the like. */
  range: string
  env: Environment
}

/** Throws a `UserError` when there is no such thing. */
export function openRange({ env, folder, range }: LocalRange, signal: AbortSignal): Promise<LocalSubject> {
  return readLocalChange(createGit(gitEnvironment(env)), { folder, range }, signal)
}

/** `folder`: an empty one of its own. What the reviewers see has the case's title and description, and nothing of its id. */
export async function openCase(
  one: EvalCase,
  { env, folder }: { env: Environment; folder: string },
  signal: AbortSignal,
): Promise<LocalSubject> {
  const range = await rangeOf(one, { env, folder }, signal)
  const { change, codebase } = await openRange({ ...range, env }, signal)
  const { description: body, title } = one
  return { codebase, change: { ...change, state: { ...change.state, title, body } } }
}

async function rangeOf(
  { source, title: message }: EvalCase,
  { env, folder }: { env: Environment; folder: string },
  signal: AbortSignal,
): Promise<Omit<LocalRange, 'env'>> {
  const dir = join(folder, 'repository')
  const at = { dir, environment: gitEnvironment(env) }
  const { base, head } = await createFreshRepository(at, { ...filesOf(source), message }, signal)
  return { folder: dir, range: `${base}..${head}` }
}

function filesOf(source: CaseSource): Record<'base' | 'head', CommittedFiles> {
  if (source.kind === 'repository') {
    const { base, dir, head } = source
    return { base: { kind: 'commit', dir, commit: base }, head: { kind: 'commit', dir, commit: head } }
  }
  const base = { kind: 'folder', folder: source.base } as const
  if (source.kind === 'patch') return { base, head: { kind: 'patch', file: source.patch } }
  return { base, head: { kind: 'folder', folder: source.head } }
}

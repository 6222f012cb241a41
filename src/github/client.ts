// Octokit for an installation and for the App itself, without anything that repeats a request by itself: a repeated
// write posts a review twice. Probot's own Octokit brings two plugins that do: `retry` (it does not tell POST from GET)
// and `throttling`. One repetition stays, in its token plugin and here: after 401, which says that nothing was done.
import { pino } from 'pino'
import { Probot, ProbotOctokit } from 'probot'
import { z } from 'zod'
import type { Log } from '../jobs/ports.ts'
import { answerOf } from './answer.ts'
import { createGitHubFetch } from './fetch.ts'

export type Octokit = ProbotOctokit

export interface GitHubOptions {
  appId: number
  /** PEM. */
  privateKey: string
  /** Fixed at start: `https://api.github.com`, or a GitHub Enterprise Server's `…/api/v3`. */
  apiUrl: string
  log: Log
}

export interface GitHub {
  readonly appId: number
  /** Asks with the installation's token, made when first needed and kept for 59 minutes. */
  installation(id: number): Promise<Octokit>
  /** Asks with the App's JWT; for routes below `/app` and for `/repos/{owner}/{repo}/installation`. */
  app(): Promise<Octokit>
  /** The login under which the App writes: `<slug>[bot]`. */
  botLogin(): Promise<string>
  /** The id of that user. GitHub shows it to installations, not to the App itself. Throws like any read. */
  botUserId(installationId: number): Promise<number>
}

/** All that reading a pull request needs. */
export type GitHubReads = Pick<GitHub, 'installation'>

export function createGitHub(options: GitHubOptions): GitHub {
  const tokens = createTokenCache()
  const probot = createProbot(options, tokens)
  const botLogin = remember(async () => {
    const reply = await (await probot.auth()).request('GET /app')
    return `${z.object({ slug: z.string() }).parse(reply.data).slug}[bot]`
  })
  const botUserId = remember(async (installationId: number) => {
    const octokit = await github.installation(installationId)
    const reply = await octokit.request('GET /users/{username}', { username: await botLogin() })
    return z.object({ id: z.int() }).parse(reply.data).id
  })
  const github: GitHub = {
    appId: options.appId,
    async installation(id) {
      const octokit = await probot.auth(id)
      octokit.hook.wrap('request', async (request, parameters) => {
        try {
          return await request(parameters)
        } catch (error) {
          const answer = answerOf(error)
          if (answer?.status !== 401 || answer.onToken) throw error
          options.log.warn({ installation: id }, 'GitHub refused a token; asking for a new one')
          tokens.clear()
          return request(parameters)
        }
      })
      return octokit
    },
    app: () => probot.auth(),
    botLogin,
    botUserId,
  }
  return github
}

/**
 * A Probot that asks only `apiUrl`, repeats nothing, and logs nothing: Probot's log lines hold whole request bodies and,
 * for a handler that failed, the whole payload.
 */
export function createProbot(options: Omit<GitHubOptions, 'log'>, tokens = createTokenCache()): Probot {
  // The function form: Probot overrides the options of the object form with its own.
  const Quiet = ProbotOctokit.defaults((given: { auth?: object }) => ({
    ...given,
    auth: { ...given.auth, cache: tokens },
    userAgent: 'plumbline',
    throttle: { enabled: false },
    retry: { enabled: false },
  }))
  return new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    baseUrl: options.apiUrl,
    request: { fetch: createGitHubFetch(options.apiUrl) },
    log: pino({ level: 'silent' }),
    Octokit: Quiet,
  })
}

/**
 * The shape that @octokit/auth-app takes, and a way to forget.
 * https://github.com/octokit/auth-app.js#createappauthoptions-or-new-octokit-auth-
 */
interface TokenCache {
  get(key: string): string | undefined
  set(key: string, value: string): void
  clear(): void
}

/** Tokens live for an hour; the last minute is left to requests under way. */
const tokenLifeMs = 59 * 60_000

function createTokenCache(): TokenCache {
  const tokens = new Map<string, { value: string; until: number }>()
  return {
    get(key) {
      const token = tokens.get(key)
      return token && token.until > Date.now() ? token.value : undefined
    },
    set: (key, value) => void tokens.set(key, { value, until: Date.now() + tokenLifeMs }),
    clear: () => tokens.clear(),
  }
}

/** Keeps the first answer; a failure is forgotten. */
function remember<Args extends unknown[], T>(ask: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  let kept: Promise<T> | undefined
  return (...args) => {
    kept ??= ask(...args).catch((error: unknown) => {
      kept = undefined
      throw error
    })
    return kept
  }
}

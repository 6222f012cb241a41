// `plumbline doctor`: looks at everything Plumbline stands on, and says in one sentence each what it found and what to do.
import { checkModels } from './agent/doctor.ts'
import { type Config, ConfigError, type Environment, readConfig } from './config.ts'
import { checkGitHub } from './github/doctor.ts'
import { readManifest } from './github/manifest.ts'
import { webhookPath } from './http/server.ts'
import { checkRedisFitness } from './queue/doctor.ts'
import { checkPostgres } from './store/doctor.ts'

/** One thing that was looked at. `fail` keeps reviews from happening, `warn` does not. */
export interface Diagnosis {
  about: 'settings' | 'Postgres' | 'Redis' | 'GitHub' | 'model' | 'verifying model'
  mark: 'ok' | 'warn' | 'fail'
  /** What was found. Holds no value of a setting, because anything may have been pasted into the wrong one. */
  sentence: string
  /** What to do about it. */
  fix?: string
}

/** Never throws: what goes wrong is a diagnosis. Asks each model for two tiny answers, and writes nothing anywhere. */
export async function diagnose(env: Environment): Promise<Diagnosis[]> {
  const settings = checkSettings(env)
  const config = configOf(env)
  if (!config) return settings
  const { app, databaseUrl, model, redisUrl } = config
  const manifest = await readManifest()
  const webhookUrl = config.webhookProxyUrl ?? (config.web.publicUrl && config.web.publicUrl + webhookPath)
  const found = await Promise.all([
    databaseUrl === undefined ? [] : checkPostgres(databaseUrl),
    redisUrl === undefined ? [] : checkRedisFitness(redisUrl),
    app ? checkGitHub({ app, apiUrl: config.githubApiUrl, manifest, webhookUrl }) : [],
    model ? checkModels(model) : [],
  ])
  return [...settings, ...found.flat()]
}

/** `undefined` when what is set is wrong, so that nothing can be asked of anybody. */
function configOf(env: Environment): Config | undefined {
  return mistakesFor(env, 'cli').length > 0 ? undefined : readConfig(env, 'cli')
}

function mistakesFor(env: Environment, needs: 'web' | 'cli'): readonly string[] {
  try {
    readConfig(env, needs)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

function checkSettings(env: Environment): Diagnosis[] {
  const mistakes = mistakesFor(env, 'web')
  const wrong = mistakes.map((mistake): Diagnosis => {
    const [, sentence = mistake, fix = ''] = /^(.*?\.) (.*)$/s.exec(mistake) ?? []
    if (/^(?:DATABASE_URL|REDIS_URL) is missing/.test(sentence))
      return {
        about: 'settings',
        mark: 'warn',
        sentence,
        fix: `\`npm start\` brings its own; web and worker need it. ${fix}`,
      }
    return { about: 'settings', mark: 'fail', sentence, ...(fix === '' ? {} : { fix }) }
  })
  const config = configOf(env)
  const warnings = (config?.warnings ?? []).map((sentence): Diagnosis => ({
    about: 'settings',
    mark: 'warn',
    sentence,
    fix: 'Use https if you can.',
  }))
  const good: Diagnosis[] =
    mistakes.length > 0 ? [] : [{ about: 'settings', mark: 'ok', sentence: 'All settings are there.' }]
  return [...good, ...wrong, ...warnings, ...(config ? adviceOn(config) : [])]
}

function adviceOn({ model, web }: Config): Diagnosis[] {
  const advice: Diagnosis[] = []
  if (!model) {
    const fix = 'Set OPENAI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY.'
    advice.push({ about: 'model', mark: 'warn', sentence: 'No model is configured.', fix })
  }
  if (web.publicUrl === undefined) {
    const fix = 'Set PUBLIC_URL to where people reach the dashboard.'
    advice.push({ about: 'settings', mark: 'warn', sentence: 'Check runs cannot link to the dashboard.', fix })
  }
  return advice
}

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

/** For people: one line each, the fix below it. */
export function formatDiagnoses(diagnoses: readonly Diagnosis[]): string {
  const lines = diagnoses.map(({ about, fix, mark, sentence }) => {
    const line = `${marks[mark]}  ${about}: ${sentence}`
    return fix === undefined || mark === 'ok' ? line : `${line}\n      → ${fix}`
  })
  const failed = diagnoses.filter((one) => one.mark === 'fail').length
  const end = failed === 0 ? 'Nothing keeps Plumbline from reviewing.' : `${failed} to mend before it can review.`
  return [...lines, end].join('\n')
}

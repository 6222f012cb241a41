import { expect, test } from 'vitest'
import { readArguments, readCount, readFailOn, standingIn, UsageError } from '../../src/cli/arguments.ts'
import { evaluate } from '../../src/cli/evaluate.ts'
import { reviewPullRequest } from '../../src/cli/remote.ts'
import { reviewRange } from '../../src/cli/review-range.ts'
import { readConfig } from '../../src/config.ts'

type Typed = (words: string[]) => Promise<unknown>

const range: Typed = async (words) => reviewRange('main..HEAD', readArguments(words).values, {})
const url: Typed = async (words) =>
  reviewPullRequest('https://github.com/a/b/pull/1', readArguments(words).values, readConfig({}, 'cli'))
const cases: Typed = async (words) => {
  const { positionals, values } = readArguments(words)
  return evaluate(positionals, values, {})
}

test.each([
  ['a range without a model', range, [], 'No model is set. Set OPENAI_MODEL, or name one: --model NAME'],
  [
    'an unknown level',
    range,
    ['--model', 'mock', '--fail-on', 'bad'],
    '--fail-on does not know "bad": it is one of critical',
  ],
  ['two forms', range, ['--model', 'mock', '--json', '--sarif'], 'Choose one of --json and --sarif.'],
  ['an option of another command', range, ['--judge', 'mock'], 'review RANGE does not take --judge; it takes --dir'],
  ['an option that nobody knows', range, ['--colour'], "Unknown option '--colour'"],
  ['an option without its value', range, ['--model'], "'--model <value>' argument missing"],
  ['a model without a server', range, ['--model', 'some-model'], 'OPENAI_API_KEY is missing'],
  ['--sarif with an address', url, ['--sarif'], 'review URL does not take --sarif; it takes --url.'],
  ['eval without a folder', cases, [], 'eval needs one folder of cases'],
  [
    'eval of what holds no case',
    cases,
    ['docs', '--model', 'mock'],
    'holds no case: a case is a folder with a case.json',
  ],
  ['eval of an unknown case', cases, ['eval/cases', '--case', 'none'], 'holds no case with the id "none"'],
  [
    'eval of everything at once',
    cases,
    ['eval/cases', '--concurrency', '0'],
    '--concurrency is a whole number from 1 to 64',
  ],
  ['a replay with a model', cases, ['eval/cases', '--replay', 'docs', '--model', 'mock'], 'it does not take --model'],
  [
    'a replay with a verifier',
    cases,
    ['eval/cases', '--replay', 'docs', '--verify-model', 'mock'],
    'it does not take --verify-model',
  ],
  ['a verifier that is none', range, ['--model', 'mock', '--verify-model', 'none'], 'may be "none"'],
  ['a verifier of the checks', cases, ['eval/cases', '--model', 'none', '--verify-model', 'mock'], 'may be "none"'],
  ['a verifier without a server', range, ['--model', 'mock', '--verify-model', 'other'], 'OPENAI_API_KEY is missing'],
  ['a replay of no run', cases, ['eval/cases', '--replay', 'docs'], 'docs holds no run: it has no run.json.'],
  ['a judge that is none', cases, ['eval/cases', '--model', 'mock', '--judge', 'none'], '--judge needs a model'],
  ['a comparison with nothing', cases, ['compare', 'docs'], 'eval compare needs two folders of runs'],
])('%s is refused, and told what to type', async (_, run, words, sentence) => {
  const ended = run(words).catch((error: unknown) => error)

  expect(String(await ended)).toContain(sentence)
})

test('whatever is typed wrong is a usage error, which exits with 2', () => {
  expect(() => readArguments(['--colour'])).toThrow(UsageError)
  expect(() => readFailOn(['bad'])).toThrow(UsageError)
  expect(() => readCount('concurrency', '1.5', 2)).toThrow(UsageError)
})

test('the least severe of several levels counts, and incomplete beside them', () => {
  expect(readFailOn(['critical', 'incomplete', 'medium'])).toEqual({ severity: 'medium', incomplete: true })
  expect(readFailOn(undefined)).toEqual({ severity: undefined, incomplete: false })
})

test('npm starts scripts in its own folder, so the one where the command was typed counts; no other script says where', () => {
  expect(standingIn({ npm_lifecycle_event: 'plumbline', INIT_CWD: '/there' })).toBe('/there')
  expect(standingIn({ npm_lifecycle_event: 'test', INIT_CWD: '/there' })).toBe(process.cwd())
})

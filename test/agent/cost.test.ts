// What a review costs, and that a large change is read to its end or said not to be.
import { describe, expect, onTestFinished, test } from 'vitest'
import { estimateTokens } from '../../src/agent/budget.ts'
import { createProblemFinder } from '../../src/agent/examine.ts'
import { createOpenAIModel } from '../../src/agent/models/openai-model.ts'
import { textOfFile, showFile } from '../../src/agent/shown-file.ts'
import { createVerifier } from '../../src/agent/verify/verifier.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import type { ChangedFile } from '../../src/review/pull-request.ts'
import type { ModelAnswer } from '../support/model/answer.ts'
import { type ModelRequest, type ModelStandIn, type Script, startModel } from '../support/model/model.ts'
import { added, areaPatch, changeOf, materialOf, modified } from './changes.ts'
import { largeChange, plainDiff } from './large-change.ts'
import type { MemoryLibrary } from './library.ts'
import { createMemoryJournal } from './memory-journal.ts'
import { sentTokens } from './sent-tokens.ts'

const patient = new AbortController().signal
const nothing: ModelAnswer = { kind: 'answer', json: { summary: 'S.', findings: [] } }

interface Setting {
  /** As the server tells it. */
  contextTokens?: number
  library?: MemoryLibrary
}

async function agentWith(script: Script, { contextTokens, library }: Setting = {}) {
  const listed = contextTokens === undefined ? [] : [{ id: 'tiny', max_model_len: contextTokens }]
  const server = await startModel(script, { listed })
  onTestFinished(() => server.close())
  const model = createOpenAIModel({ apiKey: 'sk-secret', baseUrl: server.url, model: 'tiny', timeoutMs: 30_000 })
  const means = { model, journal: createMemoryJournal(), openLibrary: async () => library }
  return { server, finder: createProblemFinder(means), verifier: createVerifier(means) }
}

/** Calls whenever it may, for as much as there is. */
function asksOn({ body, messages, tools }: ModelRequest): ModelAnswer {
  const paths = [...(messages[1]?.content ?? '').matchAll(/^=== (\S+)/gm)].map(([, path]) => path)
  if (tools.length > 0 && body['tool_choice'] !== 'none')
    return { kind: 'calls', calls: paths.slice(0, 12).map((path) => ({ tool: 'read_file', arguments: { path } })) }
  return messages[0]?.content.startsWith('# Try to refute')
    ? { kind: 'answer', json: { verdicts: [verdict] } }
    : nothing
}
const verdict = { finding: 1, reason: 'No.', evidence: [], verdict: 'refuted', severity: 'low' }

function claimsAbout(files: readonly ChangedFile[], count: number): PlacedFinding[] {
  return Array.from({ length: count }, (_, index) => ({
    reviewer: 'correctness',
    severity: 'medium' as const,
    path: files[index % files.length]?.path ?? '',
    line: 16,
    side: 'RIGHT' as const,
    title: `The limit of page ${index} is not checked`,
    body: 'A negative limit reaches the query, which Postgres refuses. Check it where the page is read, and answer 400.',
    placement: { kind: 'inline' as const, anchor: { path: 'a', side: 'RIGHT' as const, line: 16 } },
  }))
}

describe('twenty files', () => {
  const { change, files, library } = largeChange(20)
  const diff = estimateTokens(plainDiff(files))

  test('are a diff worth measuring, and the diff as shown costs at most 1.15 times its own tokens', () => {
    const shown = files.map(showFile).map((file) => ('reason' in file ? '' : `${textOfFile(file)}\n`))

    expect(diff).toBeGreaterThan(10_000)
    expect(estimateTokens(shown.join('')) / diff).toBeLessThan(1.15)
  })

  test('the first request is at most the diff and 4,000 tokens', async () => {
    const { finder, server } = await agentWith([nothing], { library })

    await finder.examine(materialOf(change, files), patient)

    expect(sentTokens(server.requests.slice(0, 1)) - diff).toBeLessThanOrEqual(4_000)
    expect(server.requests[0]?.tools.length).toBeGreaterThan(0)
  })

  test.each([1, 10, 40])(
    'all requests of review and verification are at most 8 times the diff, with %i findings',
    async (count) => {
      const { finder, server, verifier } = await agentWith(asksOn, { library })

      await finder.examine(materialOf(change, files), patient)
      const reviewed = sentTokens(server.requests)
      await verifier.verify(materialOf(change, files), claimsAbout(files, count), patient)

      expect(reviewed / diff).toBeGreaterThan(2)
      expect(reviewed / diff).toBeLessThanOrEqual(5)
      expect(sentTokens(server.requests) / diff).toBeLessThanOrEqual(8)
    },
  )

  test('the same change is asked about in the same bytes', async () => {
    const [one, two] = [await agentWith(asksOn, { library }), await agentWith(asksOn, { library })]

    await one.finder.examine(materialOf(change, files), patient)
    await two.finder.examine(materialOf(change, files.toReversed()), patient)

    expect(bodiesOf(two.server)).toEqual(bodiesOf(one.server))
  })
})

const bodiesOf = ({ requests }: ModelStandIn): string[] => requests.map(({ body }) => JSON.stringify(body))

/** Refuses what is too long as vLLM does: question and answer together. */
function withContextOf(size: number, answer: ModelAnswer): (request: ModelRequest) => ModelAnswer {
  return (request) => {
    const tokens = sentTokens([request]) + Number(request.body['max_completion_tokens'])
    if (tokens <= size) return answer
    const message = `This model's maximum context length is ${size} tokens. However, you requested ${tokens} tokens.`
    return { kind: 'error', status: 400, message, code: 'context_length_exceeded' }
  }
}

/** The lines with a sign `+` that any taken request showed, as `path:number`. */
function linesRead(server: ModelStandIn): Set<string> {
  const read = new Set<string>()
  for (const { messages } of server.requests.filter((one) => withContextOf(8_192, nothing)(one) === nothing)) {
    let path = ''
    for (const row of (messages[1]?.content ?? '').split('\n')) {
      path = /^=== (\S+)/.exec(row)?.[1] ?? path
      const number = /^(\d+) \+/.exec(row)?.[1]
      if (number) read.add(`${path}:${number}`)
    }
  }
  return read
}

describe('a model with a context of 8,192 tokens', () => {
  test.each<[string, ChangedFile[]]>([
    ['many files', largeChange(50).files],
    ['one file', [added('src/long.ts', 3_300)]],
  ])('reads every line of 30,000 tokens in %s', async (_, files) => {
    const { finder, server } = await agentWith(withContextOf(8_192, nothing))

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(estimateTokens(plainDiff(files))).toBeGreaterThan(25_000)
    expect(examined.leftOut).toEqual([])
    expect(examined.filesRead).toBe(files.length)
    const changed = files.reduce((sum, file) => sum + file.additions, 0)
    expect(linesRead(server).size).toBe(changed)
  })
})

test('a model that tells its context is asked for no more, and has tools', async () => {
  const { files, library } = largeChange(50)
  const { finder, server } = await agentWith(withContextOf(32_768, nothing), { contextTokens: 32_768, library })

  const examined = await finder.examine(materialOf(changeOf(files), files), patient)

  expect(examined).toMatchObject({ filesRead: 50, leftOut: [] })
  expect(server.requests.filter((one) => withContextOf(32_768, nothing)(one) !== nothing)).toEqual([])
  expect(server.requests.every(({ tools }) => tools.length > 0)).toBe(true)
})

describe('more than anybody reads', () => {
  test('60,000 lines in one file are read in parts of one size, and the rest is named', async () => {
    const files = [added('src/long.ts', 60_000)]
    const { finder, server } = await agentWith(() => nothing)

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(server.requests).toHaveLength(12)
    expect(Math.max(...server.requests.map((one) => sentTokens([one])))).toBeLessThan(44_000)
    expect(examined.leftOut).toMatchObject([{ kind: 'unread', path: 'src/long.ts' }])
  })

  test('3,000 files are packed in a few seconds, and each is read or named', async () => {
    const files = Array.from({ length: 3_000 }, (_, index) => modified(`src/${index % 97}/file-${index}.ts`, areaPatch))
    const { finder } = await agentWith(() => nothing)
    const start = performance.now()

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(performance.now() - start).toBeLessThan(10_000)
    expect(examined.filesRead + examined.leftOut.length).toBe(3_000)
  })

  test('a line of 40,000 characters is read, and with a small context said not to be', async () => {
    const files = [modified('dist/a.js', `@@ -1,0 +1,3 @@\n+first\n+${'x'.repeat(40_000)}\n+last`)]
    const [large, small] = [await agentWith([nothing]), await agentWith(withContextOf(8_192, nothing))]

    const read = await large.finder.examine(materialOf(changeOf(files), files), patient)
    const cut = await small.finder.examine(materialOf(changeOf(files), files), patient)

    expect(read.leftOut).toEqual([])
    expect(cut.leftOut).toMatchObject([
      { path: 'dist/a.js', reason: expect.stringMatching(/^1 line too long for \d+ tokens$/) },
    ])
    expect(cut.filesRead).toBe(1)
  })

  test('a file that is one such line is named, and the review goes on with the others', async () => {
    const files = [modified('dist/a.js', `@@ -0,0 +1,1 @@\n+${'x'.repeat(40_000)}`), modified('src/b.js', areaPatch)]
    const { finder } = await agentWith(withContextOf(8_192, nothing))

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(examined.filesRead).toBe(1)
    expect(examined.leftOut).toMatchObject([{ kind: 'unread', path: 'dist/a.js' }])
  })
})

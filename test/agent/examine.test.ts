// A whole examination against an endpoint over real HTTP, from the change to the findings.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createProblemFinder } from '../../src/agent/examine.ts'
import { type ExaminationLimits, usualLimits } from '../../src/agent/limits.ts'
import { createOpenAIModel } from '../../src/agent/models/openai-model.ts'
import type { Library } from '../../src/agent/tools/tool.ts'
import type { ProblemFinder } from '../../src/jobs/ports.ts'
import { LostLeaseError, PermanentError, UserError } from '../../src/review/errors.ts'
import type { ModelAnswer } from '../support/model/answer.ts'
import { type ModelStandIn, type Script, startModel } from '../support/model/model.ts'
import { added, areaFinding, areaPatch, changeOf, modified, materialOf } from './changes.ts'
import { createLibrary } from './library.ts'
import { createMemoryJournal, type MemoryJournal } from './memory-journal.ts'

const patient = new AbortController().signal
const area = modified('src/area.js', areaPatch)

const good = { kind: 'answer', json: { summary: 'Computes the area.', findings: [areaFinding] } } satisfies ModelAnswer
const tooLong: ModelAnswer = { kind: 'error', status: 400, message: 'too long', code: 'context_length_exceeded' }

/** As the stand-in for a model counts. */
function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.5)
}

interface Setting {
  library: Library
  limits: Partial<ExaminationLimits>
}

interface Examiner {
  finder: ProblemFinder
  server: ModelStandIn
  journal: MemoryJournal
}

async function examinerWith(script: Script, { library, limits }: Partial<Setting> = {}): Promise<Examiner> {
  const server = await startModel(script)
  onTestFinished(() => server.close())
  const model = createOpenAIModel({ apiKey: 'sk-secret', baseUrl: server.url, model: 'tiny', timeoutMs: 5_000 })
  const journal = createMemoryJournal()
  const means = { model, journal, limits: { ...usualLimits, ...limits }, openLibrary: async () => library }
  return { finder: createProblemFinder(means), server, journal }
}

describe('answers that cannot be used', () => {
  test('nonsense is answered once with what was wrong; a better answer counts, with the tokens of both', async () => {
    const { finder, server, journal } = await examinerWith([{ kind: 'text', text: 'I like it!' }, good])

    const examined = await finder.examine(materialOf(changeOf([area]), [area]), patient)

    expect(examined.findings).toMatchObject([{ line: 11 }])
    expect(journal.paid.map(({ output }) => output)).toEqual([
      tokensOf('I like it!') + tokensOf(JSON.stringify(good.json)),
    ])
    expect(server.requests[1]?.messages.slice(2)).toEqual([
      { role: 'assistant', content: 'I like it!' },
      { role: 'user', content: expect.stringContaining('no complete JSON object with a list "findings"') },
    ])
  })

  test('nonsense twice fails the step, nothing is kept, and the next attempt asks anew', async () => {
    const { finder, server } = await examinerWith([{ kind: 'text', text: 'No.' }, { kind: 'text', text: '' }, good])

    const failure = finder.examine(materialOf(changeOf([area]), [area]), patient)
    await expect(failure).rejects.toThrow('the model tiny gave no usable answer, twice')
    const examined = await finder.examine(materialOf(changeOf([area]), [area]), patient)

    expect(examined.findings).toHaveLength(1)
    expect(server.requests).toHaveLength(3)
  })

  test('an answer cut off before its first finding is asked for again, shorter', async () => {
    const cutOff: ModelAnswer = { kind: 'cut-off', text: '{"summary": "It' }
    const { finder, server } = await examinerWith([cutOff, good])

    await finder.examine(materialOf(changeOf([area]), [area]), patient)

    expect(server.requests[1]?.messages.at(-1)?.content).toContain('report less, in fewer words')
  })

  test('a refusal is final, and its words stay out of the error', async () => {
    const { finder } = await examinerWith([{ kind: 'refusal', text: 'You wrote: return width' }])

    const failure = finder.examine(materialOf(changeOf([area]), [area]), patient)

    await expect(failure).rejects.toThrow(new PermanentError('The model tiny refused to review this change.'))
  })

  test('a malformed finding costs one finding', async () => {
    const answer = JSON.stringify({ summary: 'S', findings: [{ ...areaFinding, line: '?' }, areaFinding] })
    const { finder, server } = await examinerWith([{ kind: 'text', text: `\`\`\`json\n${answer}\n\`\`\`` }])

    const examined = await finder.examine(materialOf(changeOf([area]), [area]), patient)

    expect(examined.findings).toHaveLength(1)
    expect(examined.malformed).toEqual(['Finding 1 could not be read: line is missing or wrong.'])
    expect(server.requests).toHaveLength(1)
  })
})

describe('the journal', () => {
  test('an examination that was finished once is not paid again', async () => {
    const { finder, server, journal } = await examinerWith([good])

    const first = await finder.examine(materialOf(changeOf([area]), [area]), patient)
    const second = await finder.examine(materialOf(changeOf([area]), [area]), patient)

    expect(second).toEqual(first)
    expect(journal.paid).toHaveLength(1)
    expect(server.requests).toHaveLength(1)
    expect(journal.keys).toEqual(
      Array(2)
        .fill(['model:context', `model:review:${'a'.repeat(40)}:1:1`])
        .flat(),
    )
  })

  test('another title is another question', async () => {
    const { finder, server } = await examinerWith([good, good])

    await finder.examine(materialOf(changeOf([area]), [area]), patient)
    await finder.examine(materialOf(changeOf([area], { title: 'Other' }), [area]), patient)

    expect(server.requests).toHaveLength(2)
  })
})

describe('more than fits', () => {
  test('what one call does not hold is read in several, and the answers are joined', async () => {
    const files = [added('src/a.ts', 1_000), added('src/b.ts', 900)]
    const { finder, server } = await examinerWith([good, good], { limits: { maxPartTokens: 13_000 } })

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(examined).toMatchObject({ filesRead: 2, leftOut: [], summary: 'Computes the area. Computes the area.' })
    expect(server.requests.map(({ messages }) => /not shown: (.*)/.exec(messages[1]?.content ?? '')?.[1])).toEqual([
      'src/b.ts',
      'src/a.ts',
    ])
  })

  test('files beyond the last call are named, and the others are reviewed', async () => {
    const files = [added('src/a.ts', 1_000), added('src/b.ts', 900)]
    const { finder, server } = await examinerWith([good], { limits: { maxPartTokens: 13_000, maxParts: 1 } })

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(examined.leftOut).toMatchObject([{ kind: 'unread', path: 'src/b.ts' }])
    expect(server.requests).toHaveLength(1)
  })

  test('a model with a smaller context gets less at once, until it takes it, and reads all of it', async () => {
    const files = [added('src/a.ts', 500), added('src/b.ts', 490)]
    const { finder, server } = await examinerWith([tooLong, tooLong, good, good])

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(examined).toMatchObject({ filesRead: 2, leftOut: [] })
    expect(server.requests.map(({ body }) => body['max_completion_tokens'])).toEqual([16_000, 3_000, 3_000, 3_000])
  })

  test('a context that holds not even one hunk is the operator’s to change', async () => {
    const { finder } = await examinerWith(Array.from({ length: 9 }, () => tooLong))

    const failure = finder.examine(materialOf(changeOf([area]), [area]), patient)

    await expect(failure).rejects.toThrow(UserError)
    await expect(failure).rejects.toThrow('Set OPENAI_MODEL to a larger one')
  })

  test('when one part fails, the answers of the others are kept, and a retry asks only for its own', async () => {
    const files = [added('src/a.ts', 1_000), added('src/b.ts', 900)]
    let broken = true
    const { finder, server } = await examinerWith(
      ({ messages }) => {
        if (!messages[1]?.content.includes('=== src/a.ts')) return { kind: 'slow', ms: 100, then: good }
        return broken ? { kind: '500' } : good
      },
      { limits: { maxPartTokens: 13_000 } },
    )

    const failure = finder.examine(materialOf(changeOf(files), files), patient)
    await expect(failure).rejects.toThrow('500')
    broken = false
    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(examined.filesRead).toBe(2)
    expect(server.requests).toHaveLength(3)
  })

  test('a patch that cannot be read is left out, with the reason', async () => {
    const files = [modified('src/a.js', '@@ -1,9 +1,9 @@\n cut'), area]
    const { finder } = await examinerWith([good])

    const examined = await finder.examine(materialOf(changeOf(files), files), patient)

    expect(examined.leftOut).toEqual([{ kind: 'unread', path: 'src/a.js', reason: expect.stringContaining('cut off') }])
  })
})

describe('the repository', () => {
  const walk = `${'\n'.repeat(4)}function area(box) {\n${'  step()\n'.repeat(8)}}\n`
  const library = createLibrary({ 'src/area.js': walk })

  test('gives the enclosing function and the tools with the first request', async () => {
    const { finder, server } = await examinerWith([good], { library })

    await finder.examine(materialOf(changeOf([area]), [area]), patient)

    const [request] = server.requests
    expect(request?.messages[1]?.content).toContain(
      ' around\n=== src/area.js (unchanged lines around the hunks)\n1  \n2  \n3  \n4  \n5  function area(box) {\n6    step()\n',
    )
    expect(request?.tools).toContain('read_file')
  })

  test('is what goes first when the model takes less', async () => {
    const { finder, server } = await examinerWith([tooLong, good], { library })

    const { findings } = await finder.examine(materialOf(changeOf([area]), [area]), patient)

    expect(findings).toHaveLength(1)
    expect(server.requests.map(({ tools }) => tools.length > 0)).toEqual([true, false])
    expect(server.requests[1]?.messages[1]?.content).not.toContain(' around\n')
    expect(server.requests[1]?.body['max_completion_tokens']).toBe(3_000)
  })

  test('is left at once when the lease is lost', async () => {
    const { finder } = await examinerWith([good], {
      library: createLibrary({}, { readFile: () => Promise.reject(new LostLeaseError('gone')) }),
    })

    const failure = finder.examine(materialOf(changeOf([area]), [area]), patient)

    await expect(failure).rejects.toThrow(LostLeaseError)
  })
})

describe('time', () => {
  test('an abort ends the examination and closes the connection', async () => {
    const { finder, server } = await examinerWith([{ kind: 'hang' }])
    const abort = new AbortController()
    const reason = new Error('superseded')

    const failure = finder.examine(materialOf(changeOf([area]), [area]), abort.signal)
    failure.catch(() => {})
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    abort.abort(reason)

    await expect(failure).rejects.toBe(reason)
    await vi.waitFor(() => expect(server.givenUp).toBe(1))
  })

  test('all calls together have one limit', async () => {
    const { finder, server } = await examinerWith([{ kind: 'hang' }], { limits: { timeoutMs: 100 } })

    const failure = finder.examine(materialOf(changeOf([area]), [area]), patient)

    await expect(failure).rejects.toThrow('the examination took longer than 0.1 s')
    await vi.waitFor(() => expect(server.givenUp).toBe(1))
  })
})

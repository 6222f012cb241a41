import { expect, test } from 'vitest'
import { judgeComments, type Judged } from '../../src/agent/judge.ts'
import type { Model, ModelReply, ModelRequest } from '../../src/agent/model.ts'

const patient = new AbortController().signal
const tokens = { input: 50, output: 9, cached: 0 }
const place = { path: 'a.py', startLine: 3, line: 4 }
const judged: Judged = {
  problems: [
    { ...place, what: 'The last page is never read.' },
    { ...place, what: 'The time-out is in the wrong unit.' },
  ],
  comments: [
    { ...place, title: 'Off by one', body: 'range() ends early.' },
    { ...place, title: 'Style', body: 'Rename it.' },
  ],
}

function modelThat(reply: object): Model & { requests: ModelRequest[] } {
  const requests: ModelRequest[] = []
  return {
    name: 'judge-model',
    requests,
    async complete(request) {
      requests.push(request)
      return { ...reply, tokens } as ModelReply // as the test wrote it down
    },
  }
}

test.each([
  ['no JSON', { kind: 'text', text: 'The first one, I think.' }],
  ['too few answers', { kind: 'text', text: '{"answers": [{"why": "", "comment": 1}]}' }],
  ['a cut-off answer', { kind: 'cut-off', text: '{"answers": [{"why": "", "comment": 1}, {"why": ""' }],
  ['a refusal', { kind: 'refused', reason: 'no' }],
] as const)('%s is no judgement', async (_, reply) => {
  await expect(judgeComments(modelThat(reply), judged, patient)).rejects.toThrow(
    'the judge judge-model did not answer for each of 2 problems',
  )
})

test('numbers become indexes, and a comment that is not there names nothing', async () => {
  const answers = [
    { why: 'Both are about range().', comment: 1 },
    { why: 'There is none.', comment: 7 },
  ]

  const result = await judgeComments(modelThat({ kind: 'text', text: JSON.stringify({ answers }) }), judged, patient)

  expect(result).toEqual({ output: [0, null], tokens })
})

test('the judge sees problems and comments with their places', async () => {
  const answers = [
    { why: '', comment: null },
    { why: '', comment: null },
  ]
  const model = modelThat({ kind: 'text', text: JSON.stringify({ answers }) })

  await judgeComments(model, judged, patient)

  const asked = model.requests[0]?.messages.at(-1)?.content
  expect(asked).toContain('Problem 2 (a.py, lines 3 to 4): The time-out is in the wrong unit.')
  expect(asked).toContain('Comment 1 (a.py, lines 3 to 4): Off by one\nrange() ends early.')
})

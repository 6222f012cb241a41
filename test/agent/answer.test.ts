// What is made of an answer, from nonsense to the asked form.
import { describe, expect, test } from 'vitest'
import { type Answer, answerForm, readAnswer } from '../../src/agent/answer.ts'
import type { NoAnswer } from '../../src/agent/converse.ts'
import { areaFinding } from './changes.ts'

const finding = { ...areaFinding, suggestion: '  return width * box.height' }

const reviewers = ['correctness', 'security']

function readJson(value: object): Answer | NoAnswer {
  return readAnswer(JSON.stringify(value), reviewers)
}

function readOne(changes: object): Answer | NoAnswer {
  return readJson({ summary: 'S', findings: [{ ...finding, ...changes }] })
}

describe('no answer', () => {
  test.each([
    '',
    'I am sorry, I cannot see a diff.',
    '{"summary": "S"}',
    '{"findings": "none"}',
    '[1, 2]',
    '{"summary": "S", "findings": [',
  ])('nothing usable is never taken for nothing found: %j', (text) => {
    const answer = readAnswer(text, reviewers)

    expect(answer).toHaveProperty('reason')
  })

  test('findings of which none can be read are no answer either', () => {
    const answer = readOne({ line: 'somewhere' })

    expect(answer).toEqual({ reason: 'Finding 1 could not be read: line is missing or wrong.' })
  })

  test('a text of opening braces is given up soon', () => {
    const text = '{"a":'.repeat(200_000)

    const answer = readAnswer(text, reviewers)

    expect(answer).toHaveProperty('reason')
  })
})

describe('an answer with mistakes', () => {
  test('a malformed finding costs one finding and leaves a sentence', () => {
    const broken = { ...finding, line: 'x', severity: 'awful' }

    const answer = readJson({ summary: 'S', findings: [finding, broken, { ...finding, line: 12 }, null] })

    expect(answer).toMatchObject({
      findings: [{ line: 11 }, { line: 12 }],
      malformed: [
        'Finding 2 could not be read: severity, line are missing or wrong.',
        'Finding 4 could not be read: the finding is missing or wrong.',
      ],
    })
  })

  test.each([
    ['a fence', (json: string) => `\`\`\`json\n${json}\n\`\`\``],
    ['prose with braces', (json: string) => `Here {as asked} it is:\n${json}\nThat is {all}.`],
    ['thoughts', (json: string) => `<think>{"findings": []} or not?</think>${json}`],
    [
      'thoughts whose opening tag was in the prompt',
      (json: string) => `Hm. {"findings": []} or not?\n</think>\n${json}`,
    ],
    ['thoughts of another tag', (json: string) => `<thinking>{"findings": []}</thinking>${json}`],
    ['commas after last items', (json: string) => json.replace(/\]\}$/, ',]  ,}')],
    ['a line break in a string', (json: string) => json.replace('exists.', 'exists.\n\tNo more.')],
  ])('%s does no harm', (_, spoil) => {
    const text = spoil(JSON.stringify({ summary: 'S', findings: [finding] }))

    const answer = readAnswer(text, reviewers)

    expect(answer).toMatchObject({ findings: [{ line: 11, suggestion: '  return width * box.height' }], malformed: [] })
  })

  test('a draft in thoughts that never end is no answer', () => {
    expect(readAnswer('<think>Perhaps {"summary": "S", "findings": []}, but', reviewers)).toHaveProperty('reason')
  })

  test('an answer that names the tag of thoughts is whole', () => {
    const body = 'It ends at </think>, too early.'

    const answer = readAnswer(
      `Here: {"summary": "S", "findings": [${JSON.stringify({ ...finding, body })}]}`,
      reviewers,
    )

    expect(answer).toMatchObject({ findings: [{ body }] })
  })

  test('a comma before a bracket inside a string survives the repair', () => {
    const text = `{"summary": "S", "findings": [${JSON.stringify({ ...finding, suggestion: 'f(a, ]' })},]}`

    const answer = readAnswer(text, reviewers)

    expect(answer).toMatchObject({ findings: [{ suggestion: 'f(a, ]' }] })
  })

  test('of an answer that was cut off the complete findings count, and the rest is told', () => {
    const whole = JSON.stringify({ summary: 'S', findings: [finding, { ...finding, line: 12 }, finding] })

    const answer = readAnswer(whole.slice(0, -40), reviewers)

    expect(answer).toMatchObject({
      findings: [{ line: 11 }, { line: 12 }],
      malformed: ['The answer ends in the middle: what it says after finding 2 is missing.'],
    })
  })
})

describe('fields', () => {
  test.each([
    ['12', 12],
    ['L12', 12],
    [' 12 ', 12],
    [12, 12],
  ])('line %j is %i', (line, expected) => {
    const answer = readOne({ line })

    expect(answer).toMatchObject({ findings: [{ line: expected }] })
  })

  test.each([0, -3, 1.5, '12-15', null, true, { line: 12 }])('line %j is malformed', (line) => {
    const answer = readOne({ line })

    expect(answer).toHaveProperty('reason')
  })

  test.each([
    ['CRITICAL', 'critical'],
    ['Major', 'high'],
    ['warning', 'medium'],
    ['nit', 'low'],
  ])('severity %s is %s', (severity, expected) => {
    const answer = readOne({ severity })

    expect(answer).toMatchObject({ findings: [{ severity: expected }] })
  })

  test('a range may come the wrong way round, and one of a single line is none', () => {
    const reversed = readOne({ line: 10, start_line: 12 })
    const single = readOne({ line: 10, start_line: 10 })

    expect(reversed).toMatchObject({ findings: [{ line: 12, startLine: 10 }] })
    expect(single).toMatchObject({ findings: [expect.not.objectContaining({ startLine: expect.anything() })] })
  })

  test('a path that is not in the change is kept for the body of the review', () => {
    const answer = readOne({ path: 'src/elsewhere.js' })

    expect(answer).toMatchObject({ findings: [{ path: 'src/elsewhere.js' }] })
  })

  test('a suggestion loses its fence; an empty one is none', () => {
    const fenced = readOne({ suggestion: '```js\n  return 1\n```' })
    const empty = readOne({ suggestion: '' })

    expect(fenced).toMatchObject({ findings: [{ suggestion: '  return 1' }] })
    expect(empty).toMatchObject({ findings: [expect.not.objectContaining({ suggestion: expect.anything() })] })
  })

  test('an unknown reviewer becomes the first one', () => {
    const answer = readOne({ reviewer: 'style' })

    expect(answer).toMatchObject({ findings: [{ reviewer: 'correctness' }] })
  })
})

describe('the asked form', () => {
  test('is plain enough for strict servers', () => {
    const { schema } = answerForm(reviewers)

    expect(JSON.stringify(schema)).not.toMatch(/\$schema|maximum|minimum|9007199254740991/)
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false, required: ['summary', 'findings'] })
    expect(schema).toHaveProperty('properties.findings.items.required.length', 10)
    expect(schema).toHaveProperty('properties.findings.items.properties.reviewer.enum', reviewers)
    expect(schema).toHaveProperty('properties.findings.items.properties.line.type', 'integer')
  })
})

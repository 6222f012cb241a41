import { describe, expect, test } from 'vitest'
import { analyze, isWorkflow } from '../../src/checks/workflows.ts'
import { told, wholeFile } from './made-up.ts'

const path = '.github/workflows/ci.yml'
const sha = '3f786850e387550fdab836ed7e6dc881de23001b'

function workflow(step: string, top = 'on: pull_request'): string {
  return `${top}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n${step.replace(/^/gm, '      ')}\n`
}

const headCheckout = '- uses: actions/checkout@v4\n  with:\n    ref: ${{ github.event.pull_request.head.sha }}'

describe('a checkout of the head', () => {
  test.each([
    'on: pull_request_target',
    'on: [push, pull_request_target]',
    'on:\n  pull_request_target:\n    types: [opened]',
  ])('with the rights of the base is told: %s', (top) => {
    const findings = analyze([wholeFile(path, workflow(headCheckout, top))])

    expect(findings).toEqual([expect.objectContaining({ severity: 'critical', reviewer: 'checks:workflows' })])
  })

  test('is told where the trigger was added, when the checkout was there before', () => {
    const file = wholeFile(path, workflow(headCheckout, 'on: pull_request_target'))

    const findings = analyze([{ ...file, added: [{ line: 1, text: 'on: pull_request_target' }] }])

    expect(findings.map(({ line }) => line)).toEqual([1])
  })

  test.each([
    ['without the rights of the base', workflow(headCheckout)],
    ['of the base', workflow('- uses: actions/checkout@v4', 'on: pull_request_target')],
    ['on lines that were there before', ''],
  ])('%s is left alone', (_, text) => {
    const file =
      text === ''
        ? { ...wholeFile(path, workflow(headCheckout, 'on: pull_request_target')), added: [] }
        : wholeFile(path, text)

    const findings = analyze([file])

    expect(findings).toEqual([])
  })
})

describe('text in a script', () => {
  test.each([
    ['a title', '- run: echo ${{ github.event.pull_request.title }}', 6],
    ['a branch name', '- run: git switch "${{ github.head_ref }}"', 6],
    ['in a block', '- run: |\n    make\n    echo "${{ github.event.comment.body }}"', 8],
    ['in a list', '- run: echo ${{ github.event.commits[0].author.name }}', 6],
    [
      'in JavaScript',
      '- uses: actions/github-script@v7\n  with:\n    script: say("${{ github.event.issue.title }}")',
      8,
    ],
  ])('%s is told on its line', (_, step, line) => {
    const findings = analyze([wholeFile(path, workflow(step))])

    expect(told(findings)).toEqual([`${line} Text that anybody can write becomes part of a script`])
  })

  test.each([
    '- run: echo ${{ github.event.pull_request.number }}',
    '- run: echo ${{ github.event.repository.name }}',
    '- run: echo ${{ github.sha }} ${{ matrix.name }} ${{ inputs.title }}',
    '- run: echo "$TITLE"\n  env:\n    TITLE: ${{ github.event.pull_request.title }}',
    '- if: github.event.pull_request.title\n  run: make',
    '- run: echo ${{ github.event.pull_request.head.repo.id }}',
  ])('leaves alone: %s', (step) => {
    const findings = analyze([wholeFile(path, workflow(step))])

    expect(findings).toEqual([])
  })
})

describe('actions of others', () => {
  test.each(['someone/deploy@v1', 'someone/tools/deploy@main', 'someone/flows/.github/workflows/a.yml@v2'])(
    '%s is told',
    (uses) => {
      const findings = analyze([wholeFile(path, workflow(`- uses: ${uses}`))])

      expect(told(findings)).toEqual(['6 A new third-party action is not pinned to a commit'])
    },
  )

  test.each([
    `someone/deploy@${sha} # v1`,
    'actions/cache@v4',
    'github/codeql-action/init@v3',
    './deploy',
    'docker://alpine:3',
    'codertocat/deploy@v1',
  ])('%s is left alone', (uses) => {
    const findings = analyze([wholeFile(path, workflow(`- uses: ${uses}`))])

    expect(findings).toEqual([])
  })

  test('a new version of one that was there is left alone', () => {
    const file = {
      ...wholeFile(path, workflow('- uses: someone/deploy@v2')),
      removed: ['      - uses: someone/deploy@v1'],
    }

    const findings = analyze([file])

    expect(findings).toEqual([])
  })
})

test('a token that may write everything is told, for the workflow and for a job', () => {
  const text =
    'on: push\npermissions: write-all\njobs:\n  a:\n    permissions: write-all\n  b:\n    permissions: read-all\n'

  const findings = analyze([wholeFile(path, text)])

  expect(findings.map(({ line }) => line)).toEqual([2, 5])
})

test('secrets are handed on to the own workflows only', () => {
  const job = (uses: string): string => `on: push\njobs:\n  a:\n    uses: ${uses}\n    secrets: inherit\n`

  const findings = [`someone/flows/.github/workflows/a.yml@${sha}`, './.github/workflows/a.yml'].map((uses) =>
    analyze([wholeFile(path, job(uses))]),
  )

  expect(findings.map(told)).toEqual([['5 All secrets are handed to a workflow of somebody else'], []])
})

test('only workflow files are workflows', () => {
  const paths = [
    '.github/workflows/a.yml',
    '.github/workflows/a.yaml',
    '.github/workflows/x/a.yml',
    'docs/.github/workflows/a.yml',
    'a.yml',
  ]

  const judged = paths.map(isWorkflow)

  expect(judged).toEqual([true, true, false, false, false])
})

describe('hostile files', () => {
  test('aliases that would become billions are not expanded', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
    )
    const started = performance.now()

    const findings = analyze([wholeFile(path, `a0: &a0 x\n${levels.join('\n')}\npermissions: write-all\n`)])

    expect(findings).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('what is no YAML, or another shape, is read as far as it goes', () => {
    const texts = [
      '',
      '\0',
      '- a\n- b',
      'on: {',
      'jobs: [1, {steps: 3}]',
      '? [a]\n: b\npermissions: write-all',
      'x: 1\nx: 2',
      '!!js/function "x"',
    ]

    const findings = texts.flatMap((text) => analyze([wholeFile(path, text)]))

    expect(told(findings)).toEqual([expect.stringMatching(/^3 /)])
  })

  test('a script of 200 kB of openings costs no more than its length', () => {
    const started = performance.now()

    const findings = analyze([wholeFile(path, workflow(`- run: echo ${'${{ github.event.'.repeat(12_000)}`))])

    expect(findings).toEqual([])
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

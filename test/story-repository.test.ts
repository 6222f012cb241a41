// Reviewers that read the repository: from a mirror, and where there is none, through the API.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { PullRequest } from './support/github/world/pull-request.ts'
import type { ModelAnswer, ScriptedCall } from './support/model/answer.ts'
import type { ModelRequest } from './support/model/model.ts'
import { findingTitle, reviewFirstAddedLine } from './support/model/reviewer.ts'
import { Plumbline } from './support/plumbline.ts'
import { testDatabaseUrl } from './support/real.ts'

let plumbline: Plumbline

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})

afterEach(async () => {
  await plumbline.killAll()
  expect(plumbline.github.violations).toEqual([])
})

afterAll(() => plumbline.close())

const patience = { timeout: 25_000, interval: 50 }

const cart = `export function total(prices: number[]): number {
  return prices.reduce((sum, price) => sum + price, 0)
}
`
const discount = `
export function discounted(prices: number[], percent: number): number {
  return total(prices) * (1 - percent)
}
`
const checkout = `import { total } from './cart.ts'

// The total is what the customer pays.
export const pay = (prices: number[]): string => \`total: \${total(prices)}\`
`

/** The branch that it goes into has moved on since: whoever reads that one reads something else. */
async function openPullRequest(): Promise<PullRequest> {
  const { github } = plumbline
  const repository = await github.createRepository({ files: { 'src/cart.ts': cart }, private: true })
  await repository.commit({ 'src/checkout.ts': checkout }, { message: 'Add the checkout' })
  const pull = await repository.openPullRequest({ title: 'Add discounts', files: { 'src/cart.ts': cart + discount } })
  await repository.commit({ 'src/checkout.ts': 'export const later = total([])\n' }, { message: 'Start again' })
  return pull
}

interface Asked {
  offered: string[]
  /** What each call was answered, by tool. */
  answers: Record<string, string>
}

/** While it looks for problems the model calls everything once; then it answers as by default. */
function playReader(calls: readonly ScriptedCall[]): Asked {
  const asked: Asked = { offered: [], answers: {} }
  plumbline.model.play((request: ModelRequest): ModelAnswer => {
    const isReview = !/^Claim 1: /m.test(request.messages.map(({ content }) => content).join('\n'))
    if (!isReview || !request.tools.includes('read_file')) return reviewFirstAddedLine(request)
    const answers = request.messages.filter(({ role }) => role === 'tool')
    if (answers.length === 0) {
      asked.offered = request.tools
      return { kind: 'calls', calls: [...calls] }
    }
    asked.answers = Object.fromEntries(answers.map(({ content }, index) => [calls[index]?.tool ?? '', content]))
    return reviewFirstAddedLine(request)
  })
  return asked
}

async function expectReview(pull: PullRequest): Promise<void> {
  await vi.waitFor(async () => expect((await plumbline.recordsOf(pull))[0]?.status).toBe('published'), patience)
  expect((await plumbline.recordsOf(pull))[0]).toMatchObject({ coverage: 'full', findings: 1, attempts: 0 })
  expect(plumbline.github.reviewsOf(pull)).toMatchObject([
    { event: 'COMMENT', commitSha: pull.headSha, comments: [{ path: 'src/cart.ts', line: 4 }] },
  ])
  expect(plumbline.github.reviewsOf(pull)[0]?.comments[0]?.body).toContain(findingTitle)
  expect(await plumbline.commentsOffPatch(pull)).toEqual([])
}

const fetches = (): string[] =>
  plumbline.github.requests.filter(({ path }) => path.includes('.git/')).map((one) => `${one.method} ${one.status}`)

test('with a mirror, tools answer what the repository holds at the head', async () => {
  const asked = playReader([
    { tool: 'read_file', arguments: { path: 'src/checkout.ts' } },
    { tool: 'search', arguments: { pattern: '1 - percent' } },
    { tool: 'find_uses', arguments: { name: 'total' } },
    { tool: 'line_history', arguments: { path: 'src/checkout.ts', first_line: 1, last_line: 4 } },
    { tool: 'outline', arguments: { path: 'src/cart.ts' } },
  ])
  await plumbline.web()
  const worker = await plumbline.worker({ MIRROR_MAX_BYTES: '100000000' })
  const pull = await openPullRequest()

  await plumbline.github.send(pull, 'opened')

  await expectReview(pull)
  expect(asked.answers['read_file']).toContain('4  export const pay = (prices: number[])')
  expect(asked.answers['search']).toContain('src/cart.ts:6: return total(prices) * (1 - percent)')
  // Neither the comment nor the text of line 4 uses it.
  const uses = [...(asked.answers['find_uses'] ?? '').matchAll(/^(src\S+?:\d+): /gm)].map(([, place]) => place)
  expect(uses).toEqual(['src/cart.ts:1', 'src/cart.ts:6', 'src/checkout.ts:1', 'src/checkout.ts:4'])
  expect(asked.answers['line_history']).toMatch(/^[0-9a-f]{10} [\d-]{10} Add the checkout \(lines 1, 2, 3, 4\)$/m)
  expect(asked.answers['outline']).toContain('5-7 function discounted')
  expect(fetches().filter((one) => one.endsWith('200')).length).toBeGreaterThan(1)
  expect(worker.lines.join('\n')).not.toContain('has no mirror')
})

test('without one, files and folders are read through the API, and searching is not offered', async () => {
  const fetched = fetches().length
  const asked = playReader([
    { tool: 'read_file', arguments: { path: 'src/checkout.ts' } },
    { tool: 'list_folder', arguments: { folder: 'src' } },
    { tool: 'outline', arguments: { path: 'src/cart.ts' } },
    { tool: 'search', arguments: { pattern: '1 - percent' } },
  ])
  await plumbline.web()
  await plumbline.worker({ MIRROR_MAX_BYTES: '0' })
  const pull = await openPullRequest()

  await plumbline.github.send(pull, 'opened')

  await expectReview(pull)
  expect(asked.offered).not.toContain('search')
  expect(asked.offered).not.toContain('line_history')
  expect(asked.answers['read_file']).toContain('4  export const pay = (prices: number[])')
  expect(asked.answers['list_folder']).toContain('cart.ts\ncheckout.ts')
  expect(asked.answers['outline']).toContain('5-7 function discounted')
  expect(asked.answers['search']).toContain('There is no tool of this name.')
  expect(fetches()).toHaveLength(fetched)
})

test('a server that does not let fetch costs the mirror, and not the review', async () => {
  const asked = playReader([{ tool: 'read_file', arguments: { path: 'src/checkout.ts' } }])
  plumbline.github.faults.add({ kind: '502', method: 'GET', path: /\.git\/info\/refs$/, times: 5 })
  await plumbline.web()
  const worker = await plumbline.worker({ MIRROR_MAX_BYTES: '100000000' })
  const pull = await openPullRequest()

  await plumbline.github.send(pull, 'opened')

  await expectReview(pull)
  plumbline.github.faults.clear()
  expect(asked.offered).not.toContain('search')
  expect(asked.answers['read_file']).toContain('4  export const pay = (prices: number[])')
  expect(worker.lines.join('\n')).toMatch(/502.*a repository has no mirror now/)
})

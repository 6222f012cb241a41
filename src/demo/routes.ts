// GitHub's routes, as far as this program asks for them, and of their replies what it reads. Everything fits on one page.
import { randomBytes } from 'node:crypto'
import { type DemoComment, type DemoReview, type ReviewBook, createReviewBook } from './review-book.ts'
import { readSampleFiles, readSampleText, sample } from './sample.ts'

export interface DemoRequest {
  method: string
  url: URL
  /** What stands behind `Bearer` or `token`. */
  credentials: string
  /** Parsed JSON. */
  body: unknown
}

export interface DemoReply {
  status: number
  body?: unknown
}

interface Route {
  method: string
  /** Its groups are handed to `answer`, in order. */
  path: RegExp
  /** `app`: with the App's JWT. `installation`: with a token that was made here. */
  needs: 'app' | 'installation'
  answer(request: DemoRequest, groups: string[]): DemoReply
}

export interface DemoRoutes {
  answer(request: DemoRequest): DemoReply
  book: ReviewBook
}

const bot = { id: 4, login: 'plumbline-sample[bot]', type: 'Bot' }
const app = { id: 1, slug: 'plumbline-sample', name: 'plumbline-sample', owner: sample.repository.owner }
const { login } = sample.repository.owner
const repo = `^/repos/${login}/${sample.repository.name}`

/** `isApp` says whether the credentials are the App's JWT. */
export function createDemoRoutes(isApp: (jwt: string) => boolean): DemoRoutes {
  const tokens = new Set<string>()
  const book = createReviewBook(readSampleFiles())
  const routes = [...appRoutes(tokens), ...pullRoutes(), ...reviewRoutes(book), ...checkRoutes()]
  return {
    book,
    answer(request) {
      const { credentials, method, url } = request
      const isToken = tokens.has(credentials)
      if (!isToken && !isApp(credentials)) return refusal(401, 'Bad credentials')
      for (const route of routes) {
        const match = route.method === method ? route.path.exec(url.pathname) : null
        if (match && isToken === (route.needs === 'installation')) return route.answer(request, match.slice(1))
      }
      return refusal(404, 'Not Found')
    },
  }
}

const refusal = (status: number, message: string, errors?: string[]): DemoReply => ({
  status,
  body: { message, ...(errors ? { errors } : {}) },
})
const notFound = refusal(404, 'Not Found')

function appRoutes(tokens: Set<string>): Route[] {
  const get = (path: RegExp, body: unknown): Route => ({
    method: 'GET',
    path,
    needs: 'app',
    answer: () => ({ status: 200, body }),
  })
  const createToken = (): DemoReply => {
    const token = `ghs_${randomBytes(18).toString('hex')}`
    tokens.add(token)
    const permissions = { checks: 'write', contents: 'read', metadata: 'read', pull_requests: 'write' }
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    return { status: 201, body: { token, expires_at, permissions, repository_selection: 'all' } }
  }
  return [
    get(/^\/app$/, app),
    get(new RegExp(`${repo}/installation$`, 'i'), sample.installation),
    { method: 'POST', path: /^\/app\/installations\/1\/access_tokens$/, needs: 'app', answer: createToken },
  ]
}

/** Any number is the sample: see `sampleDelivery`. */
function pullRoutes(): Route[] {
  const files = readSampleFiles()
  const get = (end: string, body: (number: number, origin: string) => unknown): Route => ({
    method: 'GET',
    path: new RegExp(`${repo}/pulls/([1-9]\\d{0,8})${end}$`, 'i'),
    needs: 'installation',
    answer: ({ url }, [number]) => ({ status: 200, body: body(Number(number), url.origin) }),
  })
  return [
    get('', pullJson),
    get('/files', (_, origin) => files.map((file) => ({ ...file, contents_url: contentsUrl(origin, file.filename) }))),
    get('/comments', () => []),
    get('/commits', () => sample.commits.map((message) => ({ commit: { message } }))),
    {
      method: 'GET',
      path: new RegExp(`${repo}/contents/(.+)$`, 'i'),
      needs: 'installation',
      answer: (_, [path = '']) => contentsOf(readSampleText(decodeURIComponent(path))),
    },
    {
      method: 'GET',
      path: /^\/users\/plumbline-sample%5Bbot%5D$/i,
      needs: 'installation',
      answer: () => ({ status: 200, body: bot }),
    },
  ]
}

/** https://docs.github.com/en/rest/repos/contents#get-repository-content */
function contentsOf(text: string | undefined): DemoReply {
  if (text === undefined) return notFound
  const content = Buffer.from(text).toString('base64')
  return { status: 200, body: { type: 'file', encoding: 'base64', size: text.length, content } }
}

function contentsUrl(origin: string, path: string): string {
  return `${origin}/repos/${login}/${sample.repository.name}/contents/${path}?ref=${sample.head.sha}`
}

function pullJson(number: number): unknown {
  const { base, body, head, repository, title, user } = sample
  return {
    ...{ number, title, body, user, head },
    state: 'open',
    draft: false,
    locked: false,
    changed_files: readSampleFiles().length,
    base: { ...base, repo: repository },
    updated_at: '2026-01-05T09:00:00Z',
  }
}

function reviewRoutes(book: ReviewBook): Route[] {
  const route = (method: string, end: string, answer: (body: unknown, ids: number[]) => DemoReply): Route => ({
    method,
    path: new RegExp(`${repo}/pulls/([1-9]\\d{0,8})/reviews${end}$`, 'i'),
    needs: 'installation',
    answer: ({ body }, ids) => answer(body, ids.map(Number)),
  })
  /** A submitted review stays. https://docs.github.com/en/rest/pulls/reviews#delete-a-pending-review-for-a-pull-request */
  const withDraft =
    (then: (draft: DemoReview) => void) =>
    (_: unknown, [number = 0, id = 0]: number[]) => {
      const review = book.find(number, id)
      if (!review) return notFound
      if (review.state !== 'pending') return refusal(422, 'Can not change a submitted review')
      then(review)
      return { status: 200, body: reviewJson(review) }
    }
  return [
    route('GET', '', (_, [number = 0]) => ({ status: 200, body: book.reviewsOf(number).map(reviewJson) })),
    route('POST', '', (body, [number = 0]) => createReview(book, number, body)),
    route('POST', '/(\\d+)/events', withDraft(book.submit)),
    route('DELETE', '/(\\d+)', withDraft(book.remove)),
  ]
}

function createReview(book: ReviewBook, number: number, body: unknown): DemoReply {
  // Only our own client has a token, and it sends what GitHub documents.
  const {
    body: text,
    comments = [],
    commit_id: commitId,
  } = body as {
    body: string
    comments?: DemoComment[]
    commit_id: string
  }
  if (commitId !== sample.head.sha)
    return refusal(422, 'Unprocessable Entity', ['The commitOID is not part of the pull request'])
  const created = book.create({ number, commitId, body: text, comments })
  return 'refused' in created
    ? refusal(422, 'Unprocessable Entity', [created.refused])
    : { status: 200, body: reviewJson(created) }
}

function reviewJson({ body, commitId, id, state }: DemoReview): unknown {
  return { id, user: bot, body, state: state === 'pending' ? 'PENDING' : 'COMMENTED', commit_id: commitId }
}

function checkRoutes(): Route[] {
  const runs: Record<string, unknown>[] = []
  // See `createReview`.
  const fields = (body: unknown): Record<string, unknown> => body as Record<string, unknown>
  const needs = 'installation'
  return [
    {
      method: 'GET',
      path: new RegExp(`${repo}/commits/[0-9a-f]{40}/check-runs$`, 'i'),
      needs,
      answer: () => ({ status: 200, body: { total_count: runs.length, check_runs: runs } }),
    },
    {
      method: 'POST',
      path: new RegExp(`${repo}/check-runs$`, 'i'),
      needs,
      answer({ body }) {
        const run = { ...fields(body), id: runs.length + 1 }
        runs.push(run)
        return { status: 201, body: run }
      },
    },
    {
      method: 'PATCH',
      path: new RegExp(`${repo}/check-runs/(\\d+)$`, 'i'),
      needs,
      answer({ body }, [id]) {
        const run = runs.find((one) => one['id'] === Number(id))
        return run ? { status: 200, body: Object.assign(run, fields(body)) } : notFound
      },
    },
  ]
}

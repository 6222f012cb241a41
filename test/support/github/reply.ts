// What a route answers, and GitHub's words for its refusals.

export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** Thrown by routes: the answer is a refusal. */
export class Refused extends Error {
  readonly reply: Reply

  constructor(status: number, message: string, errors?: readonly string[]) {
    super(message)
    const documentation = 'https://docs.github.com/rest'
    const body = { message, ...(errors ? { errors } : {}), documentation_url: documentation, status: String(status) }
    this.reply = { status, body }
  }
}

export function notFound(): Refused {
  return new Refused(404, 'Not Found')
}

/** The routes of reviews give their reasons as strings. */
export function unprocessable(...errors: string[]): Refused {
  return new Refused(422, 'Unprocessable Entity', errors)
}

/** One page with GitHub's Link header. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export function pageOf<T>(items: readonly T[], url: URL): { items: T[]; headers: Record<string, string> } {
  const perPage = Math.min(Number(url.searchParams.get('per_page') ?? 30), 100)
  const page = Math.max(Number(url.searchParams.get('page') ?? 1), 1)
  const last = Math.max(Math.ceil(items.length / perPage), 1)
  const links = [
    ...(page > 1 ? [linkTo(url, page - 1, 'prev'), linkTo(url, 1, 'first')] : []),
    ...(page < last ? [linkTo(url, page + 1, 'next'), linkTo(url, last, 'last')] : []),
  ]
  return {
    items: items.slice((page - 1) * perPage, page * perPage),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  }
}

function linkTo(url: URL, page: number, relation: string): string {
  const target = new URL(url)
  target.searchParams.set('page', String(page))
  return `<${target.href}>; rel="${relation}"`
}

import { z } from 'zod'

/** One page of a list, as Octokit hands it over. */
export interface Page {
  data: unknown
  headers: { link?: string | undefined }
}

/** Far beyond the 3,000 files where GitHub stops. */
const maxPages = 100

/** GitHub's largest page. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export const perPage = 100

/**
 * All items of a list. Whether there is a next page is read from the Link header, its address is not: no URL from a
 * reply is followed. A short page is not the last one by itself: GitHub filters some lists after cutting pages.
 * Throws an `Error` when there are more pages than any list can have, because a list cut off silently would be believed.
 */
export async function readPages<T>(item: z.ZodType<T>, ask: (page: number) => Promise<Page>): Promise<T[]> {
  const items: T[] = []
  for (let page = 1; page <= maxPages; page++) {
    const reply = await ask(page)
    items.push(...z.array(item).parse(reply.data))
    if (!/rel="next"/.test(reply.headers.link ?? '')) return items
  }
  throw new Error(`more than ${maxPages} pages`)
}

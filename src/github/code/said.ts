// What other bots and linters have said on lines of a pull request, so that it is not said again. People's comments are not
// here: a person who asks about a line deserves an answer, and nobody else's comments are ours to repeat or to hold back for.
// https://docs.github.com/en/rest/pulls/comments#list-review-comments-on-a-pull-request
import { z } from 'zod'
import type { SaidReader } from '../../jobs/ports.ts'
import { pullRequestName } from '../../review/pull-request.ts'
import { answerOf, read } from '../answer.ts'
import type { GitHub, GitHubReads } from '../client.ts'
import { perPage, readPages } from '../pages.ts'
import { pullParameters } from '../read-change.ts'

const comment = z.object({
  path: z.string(),
  // `null` where the code has changed since: then it is not about this head.
  line: z.int().nullish(),
  side: z.enum(['LEFT', 'RIGHT']).nullish(),
  body: z.string(),
  // `null` when the account was deleted.
  user: z.object({ id: z.int(), login: z.string(), type: z.string() }).nullable(),
})

/** Longer texts of bots are manuals. */
const maxTextLength = 4_000

/** Without `botUserId` nothing is known to be ours, and there is nothing of ours where the App is not installed. */
export function createSaidReader(github: GitHubReads & Partial<Pick<GitHub, 'botUserId'>>): SaidReader {
  return (ref, signal) =>
    read({ what: `reading the comments on ${pullRequestName(ref)}`, signal }, async () => {
      const octokit = await github.installation(ref.installationId)
      const ourId = await github.botUserId?.(ref.installationId)
      const parameters = { ...pullParameters(ref), per_page: perPage, request: { signal } }
      const list = (page: number) => octokit.rest.pulls.listReviewComments({ ...parameters, page })
      const comments = await readPages(comment, list).catch((error: unknown) => {
        const answer = answerOf(error)
        if (answer?.status === 404 && !answer.onToken) return []
        throw error
      })
      return comments.flatMap(({ body, line, path, side, user }) => {
        if (user?.type !== 'Bot' || user.id === ourId || !line) return []
        const where = { path, line, side: side ?? ('RIGHT' as const) }
        return [{ ...where, text: body.slice(0, maxTextLength).toWellFormed(), author: user.login }]
      })
    })
}

import { z } from 'zod'
import { read } from '../answer.ts'
import type { GitHub } from '../client.ts'

/**
 * A token for git: of one repository, for reading only, for an hour. Made for each fetch. Throws like any read.
 * https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export function createFetchToken(github: Pick<GitHub, 'app'>) {
  return (installationId: number, repositoryId: number, signal: AbortSignal): Promise<string> =>
    read({ what: 'asking for a token to fetch with', signal }, async () => {
      const octokit = await github.app()
      const reply = await octokit.rest.apps.createInstallationAccessToken({
        installation_id: installationId,
        repository_ids: [repositoryId],
        permissions: { contents: 'read' },
        request: { signal },
      })
      return z.object({ token: z.string() }).parse(reply.data).token
    })
}

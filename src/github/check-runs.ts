// Our check run on a commit. GitHub has no "create unless there": a create whose answer was lost leaves a twin, so every
// one of ours with the review's external id is brought to the wanted state. https://docs.github.com/en/rest/checks/runs
import { z } from 'zod'
import type { CheckRunBoard, CheckRunView } from '../jobs/sweeps/check-run-ports.ts'
import { pullRequestName } from '../review/pull-request.ts'
import type { GitHub, Octokit } from './client.ts'
import { id } from './fields.ts'
import { perPage, readPages } from './pages.ts'
import { write } from './refusals.ts'

/** The check's name on every pull request; branch protection rules refer to it. */
const checkRunName = 'Plumbline'

/** GitHub refuses longer texts. */
const maxTitleLength = 255
const maxSummaryLength = 65_535

const checkRun = z.object({
  id,
  external_id: z.string().nullish(),
  status: z.string(),
  conclusion: z.string().nullish(),
  output: z.object({ title: z.string().nullish(), summary: z.string().nullish() }),
})
type CheckRun = z.infer<typeof checkRun>

const checkRunPage = z.object({ check_runs: z.array(z.unknown()) })

/** `beforeWrite` may throw `ParkedError`. What is as wanted already costs no write. */
export function createCheckRunBoard(
  github: GitHub,
  beforeWrite: (installationId: number) => Promise<void>,
): CheckRunBoard {
  return {
    show: (view, signal) =>
      write(
        { what: `showing the check run of ${pullRequestName(view.ref)}`, target: 'check-run', signal },
        async () => {
          const octokit = await github.installation(view.ref.installationId)
          const ours = await listOurs(octokit, { view, appId: github.appId }, signal)
          const parameters = { ...contentOf(view), request: { signal } }
          const head_sha = view.ref.headSha
          if (ours.length === 0 && !view.overtaken) {
            await beforeWrite(view.ref.installationId)
            await octokit.request('POST /repos/{owner}/{repo}/check-runs', { ...parameters, head_sha })
          }
          for (const one of ours) {
            if (isAsWanted(one, view)) continue
            await beforeWrite(view.ref.installationId)
            await octokit.request(`PATCH /repos/{owner}/{repo}/check-runs/${one.id}`, parameters)
          }
          return undefined
        },
      ),
  }
}

async function listOurs(
  octokit: Octokit,
  wanted: { view: CheckRunView; appId: number },
  signal: AbortSignal,
): Promise<CheckRun[]> {
  const { ref, reviewId } = wanted.view
  const runs = await readPages(checkRun, async (page) => {
    const reply = await octokit.rest.checks.listForRef({
      owner: ref.owner,
      repo: ref.repo,
      ref: ref.headSha,
      check_name: checkRunName,
      app_id: wanted.appId,
      // Not only the latest one: twins count.
      filter: 'all',
      per_page: perPage,
      page,
      request: { signal },
    })
    return { data: checkRunPage.parse(reply.data).check_runs, headers: reply.headers }
  })
  return runs.filter((one) => one.external_id === reviewId)
}

function contentOf(view: CheckRunView) {
  const { conclusion, detailsUrl, ref, reviewId, state } = view
  return {
    owner: ref.owner,
    repo: ref.repo,
    name: checkRunName,
    external_id: reviewId,
    status: state,
    ...(conclusion === undefined ? {} : { conclusion }),
    ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
    output: outputOf(view),
  }
}

function outputOf(view: CheckRunView): { title: string; summary: string } {
  return { title: cut(view.title, maxTitleLength), summary: cut(view.summary, maxSummaryLength) }
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`
}

function isAsWanted(one: CheckRun, view: CheckRunView): boolean {
  const { summary, title } = outputOf(view)
  const sameState = one.status === view.state && (one.conclusion ?? undefined) === view.conclusion
  return sameState && one.output.title === title && (one.output.summary ?? '') === summary
}

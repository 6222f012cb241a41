// What the command line asks of a running server: a review of a pull request, or the replay of a stored delivery.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import { type ReviewAnswer, reviewText } from '../dashboard/review-text.ts'
import { createPlumblineClient, isObject, type PlumblineClient, type StoredDelivery } from '../http/client.ts'
import { allowOnly, type Options, UsageError } from './arguments.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const localUrl = ({ web }: Config): string => `http://${web.host}:${web.port}`

/** By the server that is named, or the one that answers on this machine; else by one that lives as long as the command. */
export async function reviewPullRequest(prUrl: string, options: Options, config: Config): Promise<0 | 1> {
  allowOnly('review URL', options, ['url'])
  const url = options.url ?? config.plumblineUrl
  const password = config.web.dashboardPassword
  const client = createPlumblineClient(url ?? localUrl(config), password)
  if (url !== undefined || (await client.isThere())) return requestAndFollow(prUrl, client)
  say(`No server answers at ${localUrl(config)}, so the review runs here.`)
  const { startHere } = await import('../start.ts')
  const here = await startHere()
  try {
    return await requestAndFollow(prUrl, createPlumblineClient(here.url, password))
  } finally {
    await here.stop()
  }
}

async function requestAndFollow(prUrl: string, client: PlumblineClient): Promise<0 | 1> {
  return printed(await follow(await client.requestReview(prUrl), client))
}

/** Sends the delivery that the file holds, newly signed, through the real route. */
export async function replayDelivery(file: string, options: Options, config: Config): Promise<0 | 1> {
  allowOnly('replay', options, ['url'])
  const delivery = readDelivery(file)
  const url = options.url ?? config.plumblineUrl ?? localUrl(config)
  const client = createPlumblineClient(url, config.web.dashboardPassword)
  const [secret] = config.webhookSecrets
  if (secret === undefined) throw new Error('WEBHOOK_SECRET is missing: the delivery is signed with it.')
  const { status, text } = await client.deliver(delivery, secret)
  say(`The webhook route answered ${status}.`)
  if (status !== 202) throw new Error(text)
  const id = await findReview(delivery, client)
  if (id === undefined)
    throw new Error('No review was recorded: the log of the web process says why the delivery was ignored.')
  return printed(await follow(id, client))
}

/** A fresh GUID each time: the old one would be known already and add nothing. */
function readDelivery(file: string): StoredDelivery {
  const stored: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isObject(stored) || typeof stored['event'] !== 'string' || !isObject(stored['payload']))
    throw new UsageError(`${file} does not hold {"event": …, "payload": {…}}.`)
  return { event: stored['event'], guid: randomUUID(), payload: stored['payload'] }
}

/** The newest review of the head that the delivery names. */
async function findReview({ payload }: StoredDelivery, client: PlumblineClient): Promise<string | undefined> {
  const repository = isObject(payload) && isObject(payload['repository']) ? payload['repository'] : {}
  const pull = isObject(payload) && isObject(payload['pull_request']) ? payload['pull_request'] : {}
  const head = isObject(pull['head']) ? pull['head']['sha'] : undefined
  const reviews = await client.listReviews(String(repository['full_name']))
  return reviews.find((review) => review['headSha'] === head && review['number'] === pull['number'])?.['id'] as
    | string
    | undefined
}

const live = ['queued', 'running', 'retrying']

/** Prints each change of the status until the review has ended. */
async function follow(id: string, client: PlumblineClient): Promise<ReviewAnswer> {
  for (let shown = ''; ;) {
    // What our own API answers; a server of another version prints less, and does no harm.
    const review = (await client.readReview(id)) as unknown as ReviewAnswer
    if (review.status !== shown) say(`Review ${id}: ${review.status}${review.error ? ` (${review.error})` : ''}`)
    shown = review.status
    const successor = review.status === 'superseded' ? await successorOf(review, client) : undefined
    if (successor !== undefined) return follow(successor, client)
    if (!live.includes(review.status)) return review
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** A stored delivery's head is seldom the one that GitHub has now: then the review of that one is the answer. */
async function successorOf(review: ReviewAnswer, client: PlumblineClient): Promise<string | undefined> {
  const reviews = await client.listReviews(`${review.owner}/${review.repo}`)
  const newer = reviews.find((one) => one['number'] === review.number && Number(one['id']) > Number(review.id))
  return newer === undefined ? undefined : String(newer['id'])
}

/** 1 where nothing was reviewed, as the local command does: a published row without a coverage was never examined. */
function printed(review: ReviewAnswer): 0 | 1 {
  say(reviewText(review))
  const isRead = review.status === 'published' && (review.coverage ?? 'none') !== 'none'
  return isRead || review.status === 'skipped' ? 0 : 1
}

// GitHub's own record of the App's webhook. https://docs.github.com/en/rest/apps/webhooks
import { z } from 'zod'
import type { DeliveryAttempt, DeliveryLog } from '../../jobs/sweeps/failed-deliveries.ts'
import { ClosedDoorError } from '../../review/errors.ts'
import { read } from '../answer.ts'
import type { GitHub } from '../client.ts'
import { id } from '../fields.ts'

const attempt = z.object({
  id,
  guid: z.string(),
  delivered_at: z.iso.datetime({ offset: true }),
  status_code: z.int(),
})

/** Usually one small page reaches back far enough. */
const perPage = 50

export function createDeliveryLog(github: Pick<GitHub, 'app'>): DeliveryLog {
  return {
    async *attempts(signal) {
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: Page = await readPage(github, cursor, signal).catch(noneWhereClosed)
        yield* page.attempts
        cursor = page.next
      }
    },
    async redeliver(deliveryId, signal) {
      try {
        await read({ what: 'asking for a delivery again', signal }, async () => {
          const app = await github.app()
          const parameters = { delivery_id: deliveryId, request: { signal } }
          await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', parameters)
        })
      } catch (error) {
        // GitHub has forgotten this one meanwhile; the others still count.
        if (!(error instanceof ClosedDoorError)) throw error
      }
    },
  }
}

interface Page {
  attempts: DeliveryAttempt[]
  /** A cursor. */
  next: string | undefined
}

async function readPage(github: Pick<GitHub, 'app'>, cursor: string, signal: AbortSignal): Promise<Page> {
  return read({ what: 'reading the deliveries of the webhook', signal }, async () => {
    const app = await github.app()
    const at = cursor === '' ? {} : { cursor }
    const reply = await app.request('GET /app/hook/deliveries', { per_page: perPage, ...at, request: { signal } })
    const attempts = z.array(attempt).parse(reply.data).map(toAttempt)
    return { attempts, next: nextCursor(reply.headers.link ?? '') }
  })
}

/** 404: the App has no webhook, and so no list of what it delivered. */
function noneWhereClosed(error: unknown): Page {
  if (error instanceof ClosedDoorError) return { attempts: [], next: undefined }
  throw error
}

/** Only the cursor is taken from the Link header: no URL from a reply is followed. */
function nextCursor(link: string): string | undefined {
  const cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(link)?.[1]
  return cursor === undefined ? undefined : decodeURIComponent(cursor)
}

function toAttempt(one: z.infer<typeof attempt>): DeliveryAttempt {
  return { id: one.id, guid: one.guid, deliveredAt: new Date(one.delivered_at), statusCode: one.status_code }
}

// GitHub's own record of the App's webhook. https://docs.github.com/en/rest/apps/webhooks
import { z } from 'zod'
import type { DeliveryAttempt, DeliveryLog, DeliveryPage } from '../../jobs/sweeps/failed-deliveries.ts'
import { ClosedDoorError } from '../../review/errors.ts'
import { answerOf, read } from '../answer.ts'
import type { GitHub } from '../client.ts'
import { id } from '../fields.ts'
import { perPage } from '../pages.ts'

const attempt = z.object({
  id,
  guid: z.string(),
  delivered_at: z.iso.datetime({ offset: true }),
  status_code: z.int(),
})

export function createDeliveryLog(github: Pick<GitHub, 'app'>): DeliveryLog {
  return {
    async *pages({ cursor, fromMs }, signal) {
      let page: DeliveryPage = { attempts: [], next: cursor }
      do {
        const { attempts, next } = await readPage(github, page.next, signal)
        const young = attempts.filter((one) => one.deliveredMs >= fromMs)
        page = { attempts: young, next: young.length < attempts.length ? undefined : next }
        yield page
      } while (page.next !== undefined)
    },
    async redeliver(deliveryId, signal) {
      try {
        await read({ what: 'asking for a delivery again', signal }, async () => {
          const app = await github.app()
          const parameters = { delivery_id: deliveryId, request: { signal } }
          await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', parameters).catch(unlessRefused)
        })
      } catch (error) {
        // GitHub has forgotten this one meanwhile; the others still count.
        if (!(error instanceof ClosedDoorError)) throw error
      }
    },
  }
}

async function readPage(github: Pick<GitHub, 'app'>, cursor: string | undefined, signal: AbortSignal) {
  return read({ what: 'reading the deliveries of the webhook', signal }, async () => {
    const app = await github.app()
    const at = cursor === undefined ? {} : { cursor }
    const reply = await app.request('GET /app/hook/deliveries', { per_page: perPage, ...at, request: { signal } })
    const attempts = z.array(attempt).parse(reply.data).map(toAttempt)
    return { attempts, next: nextCursor(reply.headers.link ?? '') }
  }).catch((error: unknown) => {
    // The App has no webhook, and so no list of what it delivered. Behind a cursor there is one.
    if (error instanceof ClosedDoorError && cursor === undefined) return { attempts: [], next: undefined }
    throw error
  })
}

/** GitHub does not deliver this one again now; the others still count. */
function unlessRefused(error: unknown): void {
  if (answerOf(error)?.status !== 422) throw error
}

/** Only the cursor is taken from the Link header: no URL from a reply is followed. */
function nextCursor(link: string): string | undefined {
  const cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(link)?.[1]
  return cursor === undefined ? undefined : decodeURIComponent(cursor)
}

function toAttempt(one: z.infer<typeof attempt>): DeliveryAttempt {
  return { id: one.id, guid: one.guid, deliveredMs: Date.parse(one.delivered_at), statusCode: one.status_code }
}

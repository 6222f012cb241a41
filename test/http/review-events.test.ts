import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startApi } from './api-server.ts'
import { ask } from './listening.ts'
import { span } from './reviews-in-memory.ts'

/** Reads a stream of events until told otherwise. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetch(url, { headers, signal: controller.signal })
  const blocks: string[] = []
  let text = ''
  const reading = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      blocks.splice(0, blocks.length, ...text.split('\n\n').slice(0, -1))
    }
  })().catch(() => undefined)
  const events = () =>
    blocks
      .filter((block) => block.startsWith('event:'))
      .map((block) => {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
        return { event: field('event'), id: field('id'), data: JSON.parse(field('data') ?? 'null') }
      })
  return { response, blocks, events, ended: reading, leave: () => controller.abort() }
}

describe('GET /api/reviews/{id}/events', () => {
  test('an id that is none of ours is refused', async () => {
    const { port, reviews } = await startApi()
    reviews.add()

    const answer = await ask(port, '/api/reviews/1/events', { headers: { 'last-event-id': 'x' } })

    expect(answer.status).toBe(400)
  })

  test('sends the state, then each step with the counter as its id', async () => {
    const { reviews, url } = await startApi()
    const id = reviews.add({ status: 'running' })
    reviews.putSpan(id, span({ key: 'read-change' }))
    reviews.putSpan(id, span({ key: 'review', status: 'running' }))

    const stream = await follow(`${url}/api/reviews/1/events`)

    expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
    await vi.waitFor(() =>
      expect(stream.events()).toMatchObject([
        { event: 'review', id: undefined, data: { id: '1', status: 'running' } },
        { event: 'step', id: '2', data: { key: 'read-change' } },
        { event: 'step', id: '3', data: { key: 'review', status: 'running' } },
      ]),
    )
  })

  test('sends what changes while somebody listens, once each', async () => {
    const { events, reviews, url } = await startApi()
    const id = reviews.add({ status: 'queued' })
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(stream.events()).toHaveLength(1))

    reviews.change(id, { status: 'running' })
    events.publish('1')
    await vi.waitFor(() => expect(stream.events()).toHaveLength(2))
    reviews.putSpan(id, span({ key: 'review', status: 'running' }))
    reviews.putSpan(id, span({ key: 'review', status: 'finished' }))
    events.publish('1')
    events.publish('1')
    events.publish('2')
    await vi.waitFor(() => expect(stream.events()).toHaveLength(4))
    await nextTurn()

    expect(stream.events()).toMatchObject([
      { event: 'review', data: { status: 'queued' } },
      { event: 'review', data: { status: 'running' } },
      { event: 'review', data: { eventSeq: 4 } },
      { event: 'step', id: '4', data: { key: 'review', status: 'finished' } },
    ])
  })

  test('goes on after the last id a listener had', async () => {
    const { reviews, url } = await startApi()
    const id = reviews.add({ status: 'running' })
    for (const key of ['one', 'two', 'three']) reviews.putSpan(id, span({ key }))

    const stream = await follow(`${url}/api/reviews/1/events`, { 'last-event-id': '3' })

    await vi.waitFor(() =>
      expect(stream.events()).toMatchObject([{ event: 'review' }, { event: 'step', id: '4', data: { key: 'three' } }]),
    )
  })

  test('a change between subscribing and reading is not missed', async () => {
    const { events, reviews, url } = await startApi()
    const id = reviews.add({ status: 'queued' })
    const { changesSince } = reviews
    let reads = 0
    reviews.changesSince = async (...args) => {
      const changes = await changesSince(...args)
      if (++reads === 2) {
        reviews.change(id, { status: 'running' })
        events.publish('1')
      }
      return changes
    }

    const stream = await follow(`${url}/api/reviews/1/events`)

    await vi.waitFor(() => expect(stream.events().map((event) => event.data.status)).toEqual(['queued', 'running']))
  })

  test('a lost hint is made good at the next heartbeat, which is a comment', async () => {
    const { reviews, url } = await startApi({ heartbeatMs: 20 })
    const id = reviews.add({ status: 'queued' })
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(stream.blocks).toContain(':'))

    reviews.change(id, { status: 'running' })

    await vi.waitFor(() => expect(stream.events().at(-1)?.data.status).toBe('running'))
  })

  test('a listener who leaves is forgotten', async () => {
    const { events, reviews, url } = await startApi()
    reviews.add()
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(events.listeners('1')).toBe(1))

    stream.leave()

    await vi.waitFor(() => expect(events.listeners('1')).toBe(0))
  })

  test('when the record cannot be read, the stream ends and says nothing of why', async () => {
    const { events, log, reviews, url } = await startApi()
    reviews.add()
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(stream.events()).toHaveLength(1))

    reviews.changesSince = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:5432'))
    events.publish('1')
    await stream.ended

    expect(stream.blocks.join()).not.toContain('ECONNREFUSED')
    expect(log.lines).toEqual([expect.objectContaining({ level: 'warn', text: 'event stream ended' })])
    expect(events.listeners('1')).toBe(0)
  })
})

// Every name in Redis. All of them carry the same hash tag, so that a Redis Cluster keeps them in one slot and a script may
// touch several: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
import type { JobId } from './queue.ts'

export interface QueueKeys {
  /** The stream. An entry has one field, `job`: the job's id. What the job is about stands in Postgres. */
  stream: string
  /** Hash: entry id → the epoch under which its owner runs it. */
  epochs: string
  /** Sorted set: entry id → when it may be taken over, in ms since 1970 by Redis's own clock. */
  due: string
  /** String: the id of the job's entry, so that it is put on the stream once. */
  job(jobId: JobId): string
  /** Pub/sub channel. */
  channel(topic: string): string
}

/** The consumer group. It starts at `0`: at `$` it would not see what was enqueued before it existed. */
export const group = 'workers'

/** Throws a `TypeError` for a name that could break out of the hash tag. */
export function queueKeys(name: string): QueueKeys {
  if (!/^[\w.-]{1,64}$/.test(name)) throw new TypeError(`not a queue name: ${name.slice(0, 80)}`)
  return {
    stream: `{${name}}:stream`,
    epochs: `{${name}}:epochs`,
    due: `{${name}}:due`,
    job: (jobId) => `{${name}}:job:${jobId}`,
    channel: (topic) => `{${name}}:events:${topic}`,
  }
}

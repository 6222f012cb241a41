// Memoised steps: a retry never pays twice.
//
// What must always hold: a span is `finished` only with its output, written under the epoch; whoever lost the row stores
// nothing. Each write raises the review's event_seq in its own statement, so nobody can see the one without the other.
//
// The design: each run of a step is a row of its own, so that the trace shows every try and the account every cost. A
// finished row with the same key and the same input is served to any later run, in this generation or the next, as long as its
// output is kept (`forget.ts`); a failed one never is. Each of the statements below is one round trip and needs no transaction.
//
// Accepted: two runs of one key at the same time both run; an answer that was not stored when the process died is paid again.
import { createHash } from 'node:crypto'
import type { ClaimedReview, Journal, Owner, StepResult } from '../jobs/ports.ts'
import { PermanentError, takeApart, type Taken } from '../review/errors.ts'
import type { Database } from './database.ts'
import { fenceOf, ownRow, stillMine } from './fragments.ts'

/** A page of 3,000 files with patches stays below it, and Postgres takes it in one piece. */
const maxOutputBytes = 32 * 1024 * 1024

/** Enough for a sentence and its causes. */
const maxErrorLength = 2_000

interface Step {
  owner: Owner
  generation: number
  key: string
  inputJson: string
  inputHash: string
}

/**
 * `onSpan` is called after each written span: a hint for whoever watches the review. It must not throw.
 * A step throws `PermanentError` when its output does not fit into 32 MiB of JSON.
 */
export function createJournal(
  db: Database,
  review: Pick<ClaimedReview, 'owner' | 'generation'>,
  onSpan: () => void = () => undefined,
): Journal {
  return {
    async step<T>(key: string, input: unknown, run: () => Promise<StepResult<T>>) {
      const inputJson = toJson(input)
      const inputHash = createHash('sha256').update(inputJson).digest('hex')
      const step: Step = { owner: review.owner, generation: review.generation, key, inputJson, inputHash }
      const served = await serve<T>(db, step)
      if (served) {
        onSpan()
        return served.output
      }
      const spanId = await start(db, step)
      onSpan()
      try {
        const result = await run()
        await finishSpan(db, { owner: step.owner, spanId }, result)
        return result.output
      } catch (thrown) {
        await failSpan(db, { owner: step.owner, spanId }, thrown)
        throw takeApart(thrown).error
      } finally {
        onSpan()
      }
    },
  }
}

/** Answers nothing also when the row is lost: `start` then says so. */
async function serve<T>(db: Database, step: Step): Promise<{ output: T } | undefined> {
  const [served] = await db.query<{ output: T }>(
    `with found as (
       select id from spans where review_id = $1 and key = $3 and input_hash = $4 and status = 'finished'
         and output is not null
       order by id desc limit 1
     ), mine as (
       update reviews set event_seq = event_seq + 1 where ${stillMine} and exists (select 1 from found) returning event_seq
     )
     update spans set served = served + 1, event_seq = mine.event_seq from mine, found
     where spans.id = found.id returning output`,
    [...fenceOf(step.owner), step.key, step.inputHash],
  )
  return served
}

async function start(db: Database, step: Step): Promise<string> {
  const { generation, inputHash, inputJson, key, owner } = step
  const rows = await db.query<{ id: string }>(
    `with mine as (
       update reviews set event_seq = event_seq + 1 where ${stillMine} returning id, epoch, event_seq
     )
     insert into spans (review_id, epoch, event_seq, key, generation, input_hash, input, worker, status)
     select id, epoch, event_seq, $3, $4, $5, $6, $7, 'running' from mine returning id::text as id`,
    [...fenceOf(owner), key, generation, inputHash, inputJson, owner.worker],
  )
  return ownRow(rows, owner).id
}

interface OpenSpan {
  owner: Owner
  spanId: string
}

/** What a step took, as `takenOf` has it, added to its review, and kept with its span. */
const addTaken = `update reviews set event_seq = event_seq + 1, tokens_in = tokens_in + $5::int,
    tokens_out = tokens_out + $6::int, tokens_cached = tokens_cached + $7::int, cost_usd = cost_usd + $8::numeric
  where ${stillMine} returning event_seq`
const ownTaken = `tokens_in = $5::int, tokens_out = $6::int, tokens_cached = $7::int, cost_usd = $8::numeric,
  event_seq = mine.event_seq`

function takenOf({ costUsd = 0, tokens }: Partial<Taken>): number[] {
  return [tokens?.input ?? 0, tokens?.output ?? 0, tokens?.cached ?? 0, costUsd]
}

async function finishSpan(db: Database, span: OpenSpan, result: StepResult<unknown>): Promise<void> {
  const output = toJson(result.output)
  const bytes = Buffer.byteLength(output)
  if (bytes > maxOutputBytes) throw new PermanentError(`a step's output is too large to be stored: ${bytes} bytes`)
  const rows = await db.query(
    `with mine as (${addTaken})
     update spans set status = 'finished', ended_at = now(), output = $4, ${ownTaken}
     from mine where spans.id = $3 returning spans.id`,
    [...fenceOf(span.owner), span.spanId, output, ...takenOf(result)],
  )
  ownRow(rows, span.owner)
}

/**
 * Throws `LostLeaseError` in place of the step's own error when the row is lost, because that decides what may be written next; and when
 * the step was finished and the answer lost: whoever claims the row again is served.
 */
async function failSpan(db: Database, span: OpenSpan, thrown: unknown): Promise<void> {
  const { error, taken = {} } = takeApart(thrown)
  const message = (error instanceof Error ? error.message : String(error)).slice(0, maxErrorLength)
  const rows = await db.query(
    `with mine as (${addTaken})
     update spans set status = 'failed', ended_at = now(), error = $4, ${ownTaken}
     from mine where spans.id = $3 and status = 'running' returning spans.id`,
    [...fenceOf(span.owner), span.spanId, message, ...takenOf(taken)],
  )
  ownRow(rows, span.owner)
}

/** `undefined`, which JSON has no word for, becomes `null`. */
function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}

// Postgres itself keeps what rows went through: for times that nobody else can tell.
import type { Stage } from './stage.ts'

/** From now on each change of a review's status or epoch is a row of `watched`: nr, id, installation_id, status, epoch, at. */
export async function watchRows({ plumbline }: Pick<Stage, 'plumbline'>): Promise<void> {
  await plumbline.query(
    `create table watched (nr bigint generated always as identity, id bigint, installation_id bigint, status text,
       epoch int, at timestamptz)`,
  )
  await plumbline.query(
    `create function watch() returns trigger language plpgsql as $$ begin
       insert into watched (id, installation_id, status, epoch, at)
       values (new.id, new.installation_id, new.status, new.epoch, clock_timestamp());
       return null;
     end $$`,
  )
  await plumbline.query(
    `create trigger watch after insert or update of status, epoch on reviews for each row execute function watch()`,
  )
}

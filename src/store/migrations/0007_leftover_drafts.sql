-- A review that ended in the middle of posting may have left an invisible draft on GitHub.
alter table reviews add column drafts_swept boolean not null default false;
create index reviews_leftover_drafts on reviews (finished_at)
  where publish_intent_at is not null and not drafts_swept and status in ('skipped', 'superseded', 'cancelled', 'failed');

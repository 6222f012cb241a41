-- What came of a sweep's last turn. Numbers by what was counted.
alter table leader add column ran_at timestamptz, add column took_ms int, add column did json not null default '{}',
  -- Of the last turn; null when it went well.
  add column error text, add column failures int not null default 0;

-- Reviews of which prompts and code are not dropped yet.
alter table reviews add column has_code boolean not null default true;
create index reviews_with_code on reviews (finished_at)
  where has_code and status in ('published', 'skipped', 'superseded', 'cancelled', 'failed');

-- A published one has left a draft when it was posted at a second try: the former index did not cover it.
drop index reviews_leftover_drafts;
create index reviews_leftover_drafts on reviews (finished_at) where publish_intent_at is not null and not drafts_swept
  and (status in ('skipped', 'superseded', 'cancelled', 'failed') or (status = 'published' and former_intent_at is not null));

-- Without an installation there is no check run.
update reviews set check_due = false where installation_id = 0;

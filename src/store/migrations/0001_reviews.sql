-- One row per delivery that was understood. GitHub's Redeliver keeps the GUID, so it is the key that makes a hook count once.
create table deliveries (
  guid text primary key,
  event text not null,
  action text not null,
  received_at timestamptz not null default now(),
  review_id bigint
);
-- GUIDs are forgotten by age.
create index deliveries_by_age on deliveries (received_at);

-- One row per pull request. Its lock puts the hooks, retries and intents of one pull request in a row.
create table pull_requests (
  repository_id bigint not null,
  number int not null,
  installation_id bigint not null,
  owner text not null,
  repo text not null,
  -- Raised by each hook: whoever read an older number reads the head again.
  seq bigint not null default 1,
  -- GitHub's clock, of the newest hook. Hooks arrive in any order.
  pr_updated_at timestamptz,
  primary key (repository_id, number)
);

create table reviews (
  id bigint generated always as identity primary key,
  installation_id bigint not null,
  repository_id bigint not null,
  owner text not null,
  repo text not null,
  number int not null,
  title text not null,
  author text not null,
  head_sha text not null,
  -- The branch's name, never its commit.
  base_ref text not null,
  kind text not null check (kind in ('pull_request', 'merge_group')),
  trigger text not null check (trigger in ('hook', 'command', 'api', 'catch-up')),
  pr_updated_at timestamptz,
  status text not null default 'queued' check (
    status in ('queued', 'running', 'retrying', 'published', 'skipped', 'superseded', 'cancelled', 'failed')
  ),
  coverage text check (coverage in ('full', 'partial', 'none')),
  verdict text check (verdict in ('clean', 'comments', 'blocking')),
  delivery text check (delivery in ('review', 'check-only', 'shown')),
  reason text,
  error text,
  -- The one fence. Only grows: each claim raises it, and each change by somebody who does not own the row.
  epoch int not null default 0,
  -- Raised by a person's Retry.
  generation int not null default 0,
  -- Recorded errors.
  attempts int not null default 0,
  -- Claims that found the owner dead.
  crashes int not null default 0,
  not_before timestamptz,
  -- The owner's last sign of life. A running row without one is silent.
  beat_at timestamptz,
  worker text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- When the payload was last about to be posted, under which epoch, and when before that.
  publish_intent_at timestamptz,
  publish_intent_epoch int,
  former_intent_at timestamptz,
  -- The exact payload that every owner posts. `json` and not `jsonb`: it keeps the text as it was written, also \u0000 and
  -- lone surrogates, which `jsonb` refuses; and nothing looks inside.
  frozen json,
  github_review_id bigint,
  summary text not null default '',
  files_read int not null default 0,
  left_out json not null default '[]',
  -- What was paid so far, over all attempts. Raised together with the span that paid it.
  tokens_in bigint not null default 0,
  tokens_out bigint not null default 0,
  tokens_cached bigint not null default 0,
  cost_usd numeric(14, 6) not null default 0,
  -- Raised by every change that a page shows: the id of server-sent events.
  event_seq int not null default 1,
  -- The check run outbox: due until shown in this version.
  check_due boolean not null default true,
  check_version int not null default 1,
  check_not_before timestamptz,
  check_error text,
  foreign key (repository_id, number) references pull_requests
);
alter table deliveries add foreign key (review_id) references reviews on delete set null;
create index deliveries_by_review on deliveries (review_id);

-- The fuse behind the intake's own look: one live review of the same work.
create unique index reviews_live_key on reviews (repository_id, number, head_sha, base_ref, kind)
  where status in ('queued', 'running', 'retrying');
-- "Is this head known?", superseding, closing, and "does another one publish?".
create index reviews_by_pull_request on reviews (repository_id, number, kind);
-- What ought to be on the stream. Small, however many reviews have ended.
create index reviews_live on reviews (id) where status in ('queued', 'running', 'retrying');
create index reviews_check_due on reviews (check_not_before) where check_due;
-- The list, newest first, and its filters.
create index reviews_by_status on reviews (status, id desc);
create index reviews_by_repo on reviews (lower(owner || '/' || repo), id desc);

create table findings (
  review_id bigint not null references reviews on delete cascade,
  -- Order of publication, from 0.
  ordinal int not null,
  reviewer text not null,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
  path text not null,
  line int not null,
  start_line int,
  side text not null check (side in ('LEFT', 'RIGHT')),
  quote text,
  title text not null,
  body text not null,
  suggestion text,
  placement json not null,
  primary key (review_id, ordinal)
);

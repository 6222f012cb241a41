-- The journal: one row per run of a step. Resume point, trace, cost account and recording at once.
create table spans (
  id bigint generated always as identity primary key,
  review_id bigint not null references reviews on delete cascade,
  key text not null,
  generation int not null,
  -- SHA-256 of the input's JSON, hex.
  input_hash text not null,
  status text not null check (status in ('running', 'finished', 'failed')),
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  tokens_in int not null default 0,
  tokens_out int not null default 0,
  tokens_cached int not null default 0,
  cost_usd numeric(14, 6) not null default 0,
  -- `json` and not `jsonb`: an output is returned exactly as it was stored, also with \u0000 in it.
  input json,
  output json,
  error text,
  worker text not null,
  epoch int not null,
  -- The review's event_seq at the last change of this row.
  event_seq int not null,
  -- How often the stored output was returned instead of running the step again.
  served int not null default 0
);
-- "Was this step finished before?"
create index spans_finished on spans (review_id, key, input_hash) where status = 'finished';
-- The trace of a review, and what is new in it.
create index spans_by_event on spans (review_id, event_seq);

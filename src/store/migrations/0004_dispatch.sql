-- Since when this pull request has waited for its turn: a row that takes the place of one that was never begun keeps its time.
alter table reviews add column waiting_since timestamptz not null default now();
update reviews set waiting_since = created_at;

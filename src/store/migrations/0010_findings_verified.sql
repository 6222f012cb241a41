-- What came of trying to refute a finding; null where nothing had to be verified.
-- `json` and not `jsonb`: a reason may hold \u0000, and nothing looks inside.
alter table findings add column verification json;
-- Not published: on the dashboard only, and counted nowhere. Not read out of `placement`, whose reason may hold \u0000 too.
alter table findings add column held_back boolean not null default false;

-- When those whom the pace made wait come back: each has a place of its own, also among many that are refused at once.
alter table github_writes add column promised timestamptz[] not null default '{}';

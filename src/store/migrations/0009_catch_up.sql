-- Cancelled because the App lost its access for a while: when it has it again, the same head may be reviewed.
alter table reviews add column paused boolean not null default false;

-- What the App can see, as the sweep over open pull requests found it.
create table repositories (
  repository_id bigint primary key,
  installation_id bigint not null,
  owner text not null,
  repo text not null,
  -- An older head is listed and not reviewed: when the App was installed, or the repository came to it.
  since timestamptz not null,
  seen_at timestamptz not null default now(),
  -- When its open pull requests were last looked at, and GitHub's tag of the list that was last read to its end.
  looked_at timestamptz,
  etag text
);
create index repositories_by_installation on repositories (installation_id);

-- Open pull requests that nobody reviews without being asked.
create table unreviewed_pull_requests (
  repository_id bigint not null references repositories on delete cascade,
  number int not null,
  title text not null,
  author text not null,
  head_sha text not null,
  base_ref text not null,
  pr_updated_at timestamptz not null,
  primary key (repository_id, number)
);

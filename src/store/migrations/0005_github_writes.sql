-- What was written to GitHub in the last hour, for each installation: GitHub limits content, and all workers share the limit.
create table github_writes (
  installation_id bigint primary key,
  at timestamptz[] not null
);

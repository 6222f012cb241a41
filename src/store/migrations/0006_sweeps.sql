-- How far a sweep has come: everything before is settled.
create table sweep_marks (
  name text primary key,
  mark timestamptz not null
);

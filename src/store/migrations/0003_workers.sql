-- Signs of life. A worker that stops cleanly removes its row.
create table workers (
  name text primary key,
  slots int not null,
  started_at timestamptz not null default now(),
  loop_turned_at timestamptz not null default now(),
  -- Since when its beats came without a gap. Whoever could not reach Postgres itself cannot tell who is dead.
  steady_since timestamptz not null default now()
);

-- Leadership is a row and a time, because neither PGlite nor PgBouncer keeps session locks.
create table leader (
  name text primary key,
  holder text not null,
  until timestamptz not null
);

-- Stream entries that could not be understood, kept for whoever looks for them.
create table rejected_entries (
  entry_id text primary key,
  raw text not null,
  at timestamptz not null default now()
);

-- Rows as they were when this migration was the newest. Every later one has to take them along.
insert into pull_requests (repository_id, number, installation_id, owner, repo, seq, pr_updated_at)
values (5000000001, 4, 77, 'acme', 'shop', 3, '2026-01-01T10:00:00Z');

insert into reviews (installation_id, repository_id, owner, repo, number, title, author, head_sha, base_ref, kind, trigger,
  status, coverage, verdict, delivery, epoch, worker, started_at, finished_at, github_review_id, summary, files_read, left_out)
values (77, 5000000001, 'acme', 'shop', 4, 'Add a cart', 'octocat', repeat('a', 40), 'main', 'pull_request', 'hook',
  'published', 'partial', 'comments', 'review', 2, 'w1', now(), now(), 900, 'Adds a cart.', 3,
  '[{"kind": "unread", "path": "big.json", "reason": "too large"}]');

insert into deliveries (guid, event, action, review_id)
select '72d3162e-cc78-11e3-81ab-4c9367dc0958', 'pull_request', 'opened', id from reviews;

insert into findings (review_id, ordinal, reviewer, severity, path, line, side, title, body, placement)
select id, 0, 'correctness', 'high', 'src/cart.ts', 12, 'RIGHT', 'The total overflows', 'Because it adds.',
  '{"kind": "body", "reason": "no patch"}' from reviews;

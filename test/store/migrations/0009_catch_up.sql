insert into repositories (repository_id, installation_id, owner, repo, since) values (5000000001, 77, 'acme', 'shop', now());
insert into unreviewed_pull_requests (repository_id, number, title, author, head_sha, base_ref, pr_updated_at)
values (5000000001, 3, 'An older change', 'octocat', repeat('c', 40), 'main', '2025-01-01T10:00:00Z');

insert into github_writes (installation_id, at) values (77, array[now() - interval '2 hours', now()]);

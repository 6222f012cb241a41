update github_writes set promised = array[now() + interval '10 minutes'];

update leader set ran_at = now(), took_ms = 12, did = '{"redelivered": 2}', error = 'asking: 502', failures = 1;

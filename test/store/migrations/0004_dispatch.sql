update reviews set waiting_since = created_at - interval '1 second';

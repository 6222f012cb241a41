insert into spans (review_id, key, generation, input_hash, status, ended_at, tokens_in, tokens_out, cost_usd, input, output,
  worker, epoch, event_seq)
select id, 'examine', 0, repeat('0', 64), 'finished', now(), 100, 20, 0.0125, '{"prompt": "…"}', '{"findings": []}', 'w1', 2, 2
from reviews;

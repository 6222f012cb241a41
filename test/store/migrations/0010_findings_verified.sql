insert into findings (review_id, ordinal, reviewer, severity, path, line, side, title, body, placement, verification, held_back)
select id, 1, 'security', 'critical', 'src/cart.ts', 20, 'RIGHT', 'The price is not checked', 'It comes from outside.',
  '{"kind": "held-back", "reason": "The caller checks it.\u0000"}',
  '{"verdict": "refuted", "reason": "The caller checks it.\u0000", "evidence": [{"path": "src/pay.ts", "first": 3, "last": 9}]}',
  true from reviews;

insert into sweep_marks (name, mark, open, rest) values ('another sweep', now(),
  '[{"id": 1, "guid": "0b989ba4-242f-11e5-81e1-c7b6966d2516", "deliveredMs": 1767225600000, "statusCode": 503}]',
  '{"cursor": "v1_12077215967", "newestMs": 1767225600000}');

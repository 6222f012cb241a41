insert into sweep_marks (name, mark) values ('failed deliveries', now());

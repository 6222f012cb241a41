insert into workers (name, slots) values ('w1', 4);
insert into leader (name, holder, until) values ('sweeps', 'w1', now());
insert into rejected_entries (entry_id, raw) values ('1-0', 'nonsense');

-- Attempts of deliveries that are not settled, so that the mark can pass them, and where a reading that was cut off goes on.
alter table sweep_marks add column open json not null default '[]', add column rest json;

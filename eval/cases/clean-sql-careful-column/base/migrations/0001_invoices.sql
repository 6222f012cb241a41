create table invoices (
  id bigint generated always as identity primary key,
  customer_id bigint not null,
  cents bigint not null,
  issued_on date not null
);

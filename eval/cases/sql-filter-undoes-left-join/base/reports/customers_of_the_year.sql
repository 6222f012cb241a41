-- Every customer, also those who have not ordered.
select
  c.id,
  c.name,
  count(o.id) as orders,
  coalesce(sum(o.cents), 0) as cents
from customers c
left join orders o
  on o.customer_id = c.id
  and o.placed_at >= date_trunc('year', now())
group by c.id, c.name
order by cents desc, c.name;

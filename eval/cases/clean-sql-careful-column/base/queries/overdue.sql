select id, customer_id, cents
from invoices
where issued_on + 30 < current_date
order by issued_on;

select id, name, email
from contacts
order by name;

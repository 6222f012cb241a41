from typing import Iterator


def active_customers(connection) -> Iterator[tuple[int, str]]:
    """Row by row: there are millions of them."""
    cursor = connection.cursor("export")
    cursor.execute("select id, email from customers where closed_at is null order by id")
    for customer_id, email in cursor:
        yield customer_id, email.lower()

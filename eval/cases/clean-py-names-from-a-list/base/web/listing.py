"""Pages of the customers' list."""

PAGE = 50


def customers(connection, page: int) -> list[tuple]:
    return connection.execute(
        "select id, name, city, created_at from customers order by name limit %s offset %s",
        (PAGE, page * PAGE),
    ).fetchall()

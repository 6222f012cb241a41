"""What customers have paid in advance."""


class NotEnough(Exception):
    pass


class Wallets:
    def __init__(self, pool) -> None:
        self._pool = pool

    def balance(self, customer_id: int) -> int:
        """In cents."""
        with self._pool.connection() as connection:
            row = connection.execute("select balance from wallets where customer_id = %s", (customer_id,)).fetchone()
        return row[0] if row else 0

    def spend(self, customer_id: int, cents: int) -> None:
        """Raises NotEnough, and takes nothing, when the balance is too small."""
        with self._pool.connection() as connection:
            done = connection.execute(
                "update wallets set balance = balance - %s where customer_id = %s and balance >= %s",
                (cents, customer_id, cents),
            )
            if done.rowcount == 0:
                raise NotEnough(customer_id)

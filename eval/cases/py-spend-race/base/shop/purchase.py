from shop.wallets import Wallets


def buy(wallets: Wallets, customer_id: int, price: int) -> None:
    wallets.spend(customer_id, price)

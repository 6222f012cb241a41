def sync(catalogue, store) -> None:
    products = {product["sku"]: product for product in catalogue.products()}
    store.replace_all(products)

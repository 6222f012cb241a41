package shop;

import java.util.Objects;

public final class PriceKey implements Comparable<PriceKey> {
    private final String product;
    private final String currency;

    public PriceKey(String product, String currency) {
        this.product = Objects.requireNonNull(product);
        this.currency = Objects.requireNonNull(currency);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PriceKey key && product.equals(key.product) && currency.equals(key.currency);
    }

    @Override
    public int hashCode() {
        return Objects.hash(product, currency);
    }

    @Override
    public int compareTo(PriceKey other) {
        int byProduct = product.compareTo(other.product);
        return byProduct != 0 ? byProduct : currency.compareTo(other.currency);
    }
}

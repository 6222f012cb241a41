package shop;

import java.util.Map;
import java.util.TreeMap;

public final class PriceList {
    private final Map<PriceKey, Long> cents = new TreeMap<>();

    public void put(PriceKey key, long price) {
        cents.put(key, price);
    }

    public Long find(String product, String currency) {
        return cents.get(new PriceKey(product, currency));
    }
}

package bank;

public final class Account {
    private final Long id;
    private long balanceCents;

    public Account(Long id, long balanceCents) {
        this.id = id;
        this.balanceCents = balanceCents;
    }

    public Long id() {
        return id;
    }

    public long balanceCents() {
        return balanceCents;
    }

    void add(long cents) {
        balanceCents = Math.addExact(balanceCents, cents);
    }
}

package bank;

public final class Transfers {
    private final Accounts accounts;

    public Transfers(Accounts accounts) {
        this.accounts = accounts;
    }

    public void transfer(Long fromId, Long toId, long cents) {
        Account from = accounts.find(fromId);
        Account to = accounts.find(toId);
        from.add(-cents);
        to.add(cents);
        accounts.save(from, to);
    }
}

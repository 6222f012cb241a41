package bank;

public interface Accounts {
    Account find(Long id);

    void save(Account... accounts);
}

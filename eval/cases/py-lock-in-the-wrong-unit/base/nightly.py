from locks import LockTaken, Locks


def run_nightly(locks: Locks, reports) -> bool:
    """Answers whether this process did the work."""
    try:
        with locks.hold("nightly", lifetime=600):
            reports.write_all()
    except LockTaken:
        return False
    return True

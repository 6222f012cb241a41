"""Locks that several processes share, kept in Redis."""

import secrets
from contextlib import contextmanager
from typing import Iterator

RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
end
return 0
"""


class LockTaken(Exception):
    """Somebody else holds the lock."""


class Locks:
    """
    All times of this class are in seconds.

    A lock that is not released, because its process died, ends by itself after its time.
    """

    def __init__(self, client, prefix: str = "lock") -> None:
        self._client = client
        self._prefix = prefix
        self._release = client.register_script(RELEASE)

    def key_of(self, name: str) -> str:
        return f"{self._prefix}:{name}"

    def is_taken(self, name: str) -> bool:
        return bool(self._client.exists(self.key_of(name)))

    @contextmanager
    def hold(self, name: str, lifetime: int = 30) -> Iterator[None]:
        """Raises LockTaken when somebody else holds it."""
        key = self.key_of(name)
        token = secrets.token_hex(16)
        if not self._client.set(key, token, nx=True, ex=lifetime):
            raise LockTaken(name)
        try:
            yield
        finally:
            self._release(keys=[key], args=[token])

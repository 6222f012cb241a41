"""The supplier's catalogue."""


class Catalogue:
    def __init__(self, session, base_url: str) -> None:
        self._session = session
        self._base_url = base_url

    def products(self) -> list[dict]:
        answer = self._session.get(f"{self._base_url}/products", timeout=10)
        answer.raise_for_status()
        return answer.json()["items"]

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    redis_address: str
    workers: int


def read_settings() -> Settings:
    return Settings(
        redis_address=os.environ.get("REDIS_ADDRESS", "redis://localhost:6379"),
        workers=int(os.environ.get("WORKERS", "1")),
    )

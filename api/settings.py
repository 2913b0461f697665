"""What a service is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from layers.serve_config import ServeConfig


@dataclass(frozen=True, slots=True)
class Settings:
    """A service's settings; nothing else is read from the environment.

    Attributes:
        folder: the city's.
        host, port: where it listens.
        config: what serve.toml says.
        token: lets other commands on this machine act as administrators.
        body_s: seconds without a byte after which a body is given up.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8000
    config: ServeConfig = field(default_factory=ServeConfig)
    token: str = ""
    body_s: float = 20.0

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("127.0.0.1", "::1", "localhost")

"""The exceptions that Woodpecker raises on purpose."""

from __future__ import annotations


class GridError(Exception):
    """Something the caller can mend.

    Args:
        message: what is wrong, in one sentence, with the offending value in it.
        fix: how to mend it, in one sentence; shown on a line of its own.
    """

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class CoordinateError(GridError):
    """A coordinate is not a number, out of range, or not what its datum or CRS says."""


class CrsError(GridError):
    """A datum or coordinate reference system is unknown or cannot serve the purpose."""


class LayerError(GridError):
    """A file of boundaries, assets or reports cannot be read as what it is said to be."""


class UnsafeFileError(LayerError):
    """A file asks for what no layer needs (other files, the network, endless work) and was refused."""


class ConfigError(GridError):
    """city.toml says something that cannot be; the message begins with ``city.toml, line N``."""


class CityError(GridError):
    """A city's folder is missing, locked, damaged or not ready for the command."""


class PhotoError(GridError):
    """A photo is no picture that can be taken: another kind of file, damaged, or too large."""


class NotFoundError(GridError):
    """Nothing has the id, code or name that was asked for."""


class NotAllowed(GridError):  # noqa: N818 - it says what is refused, not what broke
    """An action that is unknown, lacks what it must say, or is refused; the fix says what is allowed."""


class WrongState(NotAllowed):
    """An action that the state of an issue does not allow."""


class WrongRole(NotAllowed):
    """An action that a person's role does not allow."""


class StoreError(GridError):
    """The live store cannot do what it was asked, or holds what it never wrote."""


class ConflictError(StoreError):
    """Somebody else came first: the issue has moved on, or the external id belongs to another report."""


class ClaimedError(ConflictError):
    """Somebody else has claimed the issue, and holds it."""


class ReusedKeyError(StoreError):
    """An idempotency key was sent again with another body."""


class StoreUnavailableError(StoreError):
    """The store cannot write or read now (disk full, I/O error, writer ended); nothing was half done."""

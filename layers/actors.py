"""Who acts, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass

from layers.life_cycle import Role

_READS_PRIVATE = (Role.OFFICER, Role.DISPATCHER, Role.ADMIN)
_KNOWS_REPORTERS = (Role.DISPATCHER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program that asks for something.

    Attributes:
        name: what events call it; never a reporter's name.
        role: what it may do.
        cells: codes of the cells, at any level, that it is confined to; none means the whole city.
    """

    name: str
    role: Role
    cells: tuple[str, ...] = ()

    @property
    def reads_private(self) -> bool:
        """Whether it may read what was written and see the photos."""
        return self.role in _READS_PRIVATE

    @property
    def knows_reporters(self) -> bool:
        """Whether it may know who reported, and how to answer."""
        return self.role in _KNOWS_REPORTERS

    def sees(self, cell_path: str) -> bool:
        """Whether an issue of this cell path, codes from the top joined by ``/``, is its business.

        Who is confined to cells sees nothing that lies in none.
        """
        return not self.cells or not set(self.cells).isdisjoint(cell_path.split("/"))

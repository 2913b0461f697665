"""Names of a city, found again as people write them."""

from __future__ import annotations

from geo.names_fold import Folded, fold, folded

__all__ = ["Folded", "fold", "folded"]

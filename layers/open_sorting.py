"""Open issues in the order of one of their columns, for lists that are read at any place."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from layers.issue_features import Names
from layers.life_cycle import State
from layers.open_view import OpenView, Times, Words

Order = NDArray[np.intp]

_LAST = np.iinfo(np.int64).max
_CERTAINTY = ("certain", "likely", "ambiguous")


class SortBy(StrEnum):
    """What a list can be sorted by."""

    DUE = "due"
    CREATED = "created"
    UPDATED = "updated"
    CATEGORY = "category"
    STATUS = "status"
    CERTAINTY = "certainty"
    OWNER = "owner"
    NUMBER = "number"


def sorted_view(view: OpenView, by: SortBy, names: Names, *, desc: bool = False) -> Order:
    """The positions of a view's issues in the order of a column.

    States come in the order of their life, certainties with the surest first, categories by code, owners by
    name and id (code points). What has nothing there comes last, also where the order is turned round;
    equals come in the order of their numbers.
    """
    keys = _keys(view, by, names)
    turned = np.where(keys == _LAST, _LAST, -keys) if desc else keys
    return np.lexsort((view.number, turned))


def _keys(view: OpenView, by: SortBy, names: Names) -> Times:
    if by is SortBy.DUE:
        missing = np.isnan(view.due_us)
        return np.where(missing, _LAST, np.where(missing, 0, view.due_us).astype(np.int64))
    if by is SortBy.OWNER:
        owners = {id_: names.owners.get(id_) or id_ for id_ in view.owner.words if id_}
        return _ranked(view.owner, sorted(owners, key=lambda id_: (owners[id_], id_)))
    if by is SortBy.CATEGORY:
        return _ranked(view.category, sorted(filter(None, view.category.words)))
    if by is SortBy.STATUS:
        return _ranked(view.status, [*State])
    if by is SortBy.CERTAINTY:
        return _ranked(view.certainty, _CERTAINTY)
    return {SortBy.CREATED: view.created_us, SortBy.UPDATED: view.updated_us}.get(by, view.number)


def _ranked(column: Words, order: Iterable[str]) -> Times:
    """The place of each row's word in an order; of one that is not in it, the last."""
    ranks = {word: rank for rank, word in enumerate(order)}
    of_code = np.array([ranks.get(word or "", _LAST) for word in column.words], dtype=np.int64)
    return of_code[column.codes]

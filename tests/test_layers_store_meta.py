"""The store remembers a word by its key."""

from __future__ import annotations

from pathlib import Path

import pytest
from stores import opened

from geo.errors import StoreError
from layers.store.meta import read_meta, write_meta


def test_a_word_is_read_as_it_was_written_last(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.reading() as connection:
            assert read_meta(connection, "generation") is None
        for word in ("0001", "0002"):
            store.write(lambda connection, word=word: write_meta(connection, "generation", word))  # type: ignore[misc]
    with opened(tmp_path) as store, store.reading() as connection:
        assert read_meta(connection, "generation") == "0002"


def test_the_stores_own_key_is_not_written(tmp_path: Path) -> None:
    with opened(tmp_path) as store, pytest.raises(StoreError, match="'schema' is the store's own"):
        store.write(lambda connection: write_meta(connection, "schema", "9"))

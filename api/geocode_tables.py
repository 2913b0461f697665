"""POST /v1/geocode for tables: the rows with the places that their texts name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import pyarrow as pa
from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.report_model import MOST_WORD
from api.tables import answer_table
from geo.crs import Reference
from layers.geocoding_tables import Placed, columns_in, geocode_piece, placed, text_column
from layers.live import Words
from layers.reading.arrow_bodies import Room

ROOM = Room(rows=100_000)
TOGETHER = 200  # rows that are answered between two looks at other requests
TextColumn = Annotated[str, Field(max_length=MOST_WORD)]


async def geocode_rows(
    request: Request, words: Words, column: str, reference: Reference
) -> StreamingResponse:
    """The rows of a table with `columns_in` the reference; raises what `api.tables.answer_table` raises."""
    ours = columns_in(reference)
    return await answer_table(request, lambda table: _geocoded(words, table, column, reference), ours, ROOM)


def _geocoded(words: Words, table: pa.Table, given: str, reference: Reference) -> Iterator[pa.Table]:
    column = text_column(table, given, option="?column=")
    language = words.generation.config.languages[0]

    def ask(texts: Sequence[str]) -> Iterable[Placed]:
        return (placed(words.geocoder.geocode(text), language) for text in texts)

    for start in range(0, max(table.num_rows, 1), TOGETHER):
        some = table.slice(start, TOGETHER)
        yield geocode_piece(some, column, ask, reference=reference, language=language).table

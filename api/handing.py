"""Reports handed to the server that is running for a city."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from http.client import HTTPResponse

import orjson

from api.report_file import Row
from api.running import RunningServer
from geo.errors import CityError


def send_lines(
    server: RunningServer, rows: Sequence[Row], key: str
) -> Iterator[tuple[Row, dict[str, object]]]:
    """Each row with what the server answers; with the same key nothing is stored twice.

    Raises:
        CityError: the server broke off; what was not answered may be sent again.
    """
    lines = b"".join(row.report.model_dump_json(exclude_defaults=True).encode() + b"\n" for row in rows)
    headers = server.headers(Content_Type="application/x-ndjson", Idempotency_Key=key)
    with server.connected() as connection:
        connection.request("POST", "/v1/reports/batch", lines, headers)
        answer = _checked(connection.getresponse())
        for row, line in zip(rows, answer, strict=False):
            said = orjson.loads(line)
            if said["line"] is None:
                raise CityError(
                    f"The server stopped at row {row.number}: {said.get('detail', said['code'])}."
                )
            yield row, said


def send_one(server: RunningServer, row: Row, key: str) -> dict[str, object]:
    """What the server answers to a row with photos."""
    mark = secrets.token_hex(16)
    report = row.report.model_dump_json(exclude_defaults=True).encode()
    parts = [(b'name="report"', b"application/json", report)]
    parts += [(b'name="photo"; filename="photo.jpg"', b"image/jpeg", photo.data) for photo in row.photos]
    body = (
        b"".join(
            b"--%s\r\nContent-Disposition: form-data; %s\r\nContent-Type: %s\r\n\r\n%s\r\n"
            % (mark.encode(), name, kind, data)
            for name, kind, data in parts
        )
        + b"--%s--\r\n" % mark.encode()
    )
    headers = server.headers(Content_Type=f"multipart/form-data; boundary={mark}", Idempotency_Key=key)
    with server.connected() as connection:
        connection.request("POST", "/v1/reports", body, headers)
        answer = connection.getresponse()
        said: dict[str, object] = orjson.loads(answer.read())
    assignment = said.get("assignment")
    owner = assignment.get("owner_id") if isinstance(assignment, dict) else ""
    again = {"outcome": "repeated"} if answer.getheader("Idempotent-Replayed") else {}
    return {**said, "owner_id": owner, **again}


def _checked(answer: HTTPResponse) -> HTTPResponse:
    if answer.status != 200:
        said = orjson.loads(answer.read())
        raise CityError(
            f"The server refused: {said.get('detail') or said['title']}.", fix=said.get("fix", "")
        )
    return answer

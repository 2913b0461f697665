"""What is done with issues: with one, or with many at once; and what it would do, before it is done."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator
from starlette.concurrency import run_in_threadpool

from api import issue_examples as examples
from api.bodies import read_model
from api.documented import json_answer, json_body, refusals
from api.errors import problem_json
from api.issue_answers import preview_json
from api.report_model import Number, Word, no_truth
from api.service import Service, actor_of, service_of
from geo.crs import parse_reference
from geo.errors import GridError, StoreError, StoreUnavailableError
from layers.action_changes import Asked
from layers.actions import MOST_TOGETHER, Preview, act, act_on_many, previews
from layers.actors import Actor
from layers.geocoding_corrections import CityWords
from layers.issue_features import feature
from layers.life_cycle import Action
from layers.live import LiveCity, Words
from layers.store.values import Issue

GEOJSON = "application/geo+json"
MOST_ISSUES = 1000
MOST_SEQ = 2**53
router = APIRouter(tags=["issues"])
logger = logging.getLogger("woodpecker")

Wanted = tuple[str, Asked]


class DoIn(BaseModel):
    """Something to be done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    reason: str = Field("", max_length=2000, description="Why; the words of a comment or a question.")
    owner: Word = Field("", description="Whom to dispatch or transfer to: an id or name.")
    into: Word = Field("", description="Id or number of the issue to merge into.")
    lng: Number | None = None
    lat: Number | None = None
    datum: Word = "wgs84"
    accuracy_m: Annotated[Number, Field(ge=0, le=1e7)] | None = None
    remember: StrictBool | Word = Field(
        False, description="With a move: words that mean the place from now on; true takes the report's own."
    )
    remember_in: Word = Field(
        "", description="Code, path or name of the cell in which they do; missing is the community."
    )

    _numbers = field_validator("lng", "lat", "accuracy_m", mode="before")(no_truth)

    def asked(self, **seen: Any) -> Asked:
        """What is asked of an issue that was seen so.

        Raises:
            CrsError: there is no such datum.
        """
        return Asked(
            self.action, self.reason, owner=self.owner, into=self.into, lng=self.lng, lat=self.lat,
            reference=parse_reference(self.datum or "wgs84"), accuracy_m=self.accuracy_m,
            remember=self.remember, remember_in=self.remember_in, **seen,
        )  # fmt: skip


Seq = Annotated[int, Field(ge=1, le=MOST_SEQ)]


class ActionIn(DoIn):
    """Something to be done with an issue."""

    version: int | None = Field(
        None, ge=1, le=2**31, description="The version that you saw; another one now is a conflict."
    )
    seq: Seq | None = Field(None, description="Instead of the version: the seq that you saw.")

    _seen = field_validator("version", "seq", mode="before")(no_truth)


class SeenIn(BaseModel):
    """An issue as it was seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    seq: Seq | None = None

    _seen = field_validator("seq", mode="before")(no_truth)


class ActionsIn(DoIn):
    """Something to be done with many issues."""

    ids: list[Annotated[str, Field(min_length=1, max_length=200)] | SeenIn] = Field(
        min_length=1, max_length=MOST_ISSUES,
        description="Ids or numbers, in the order in which it is done; with `seq`, one that has changed "
        "since is a conflict.",
    )  # fmt: skip

    def wanted(self) -> list[Wanted]:
        """Each issue with what is asked of it."""
        asked = self.asked(as_it_is=True)
        return [
            (one, asked) if isinstance(one, str) else (one.id, self.asked(seq=one.seq, as_it_is=True))
            for one in self.ids
        ]


@router.post(
    "/v1/issues/actions",
    summary="Do something with many issues",
    openapi_extra=json_body(
        ActionsIn,
        {
            "action": "close",
            "ids": [examples.NUMBER, {"id": examples.UID, "seq": 1042}],
            "reason": "重复巡查",
        },
    ),
    responses=json_answer(
        200, "A result for each issue, in order.", examples.DONE_WITH_MANY, free=(*examples.FREE, "error")
    ),
)
async def actions(request: Request, dry_run: bool = False) -> Response:
    """Do the same with up to 1,000 issues; what is refused for one is done with the others all the same.

    An issue is taken as it stands, unless its entry says the `seq` that was seen. With `dry_run` nothing is
    done: each result tells what the action would make of the issue by itself.
    """
    service, actor = service_of(request), actor_of(request)
    wanted = (await read_model(request, ActionsIn)).wanted()
    results = await run_in_threadpool(_previews if dry_run else _do_all, service, actor, wanted)
    done = sum(one["ok"] for one in results)
    return Response(
        orjson.dumps({"done": done, "refused": len(results) - done, "dry_run": dry_run, "results": results}),
        media_type="application/json",
    )


@router.post(
    "/v1/issues/{name}/actions",
    summary="Do something with an issue",
    openapi_extra=json_body(
        ActionIn, {"action": "dispatch", "version": 1, "owner": "lighting", "reason": ""}
    ),
    responses=json_answer(200, "The issue as it is now.", examples.FEATURE, kind=GEOJSON, free=examples.FREE)
    | refusals(409),
)
async def action(request: Request, name: str, dry_run: bool = False) -> Response:
    """Dispatch, return, transfer, start, handled, verify, close, reject, reopen, merge, comment, move,
    confirm, ask, claim, release, undo.

    Say the `version` (or the `seq`) that you saw: where somebody else was faster, the answer is 409 and
    nothing is changed. With `dry_run` nothing is done, and no version is needed: the answer is the issue as
    it would be, after a move with whose it would be there and why.
    """
    service, actor = service_of(request), actor_of(request)
    said = await read_model(request, ActionIn)
    asked = said.asked(version=said.version, seq=said.seq)
    if dry_run:
        (seen,) = await run_in_threadpool(_seen, service, actor, [(name, asked)])
        if isinstance(seen, GridError):
            raise seen
        return Response(orjson.dumps(_told(service, seen)), media_type=GEOJSON)
    changed = await run_in_threadpool(_act, service, actor, name, asked)
    return Response(feature(changed, service.names, service.now_us()), media_type=GEOJSON)


def _act(service: Service, actor: Actor, name: str, asked: Asked) -> Issue:
    live, now = service.live, service.now_us()
    words = live.words
    places = _places(words, asked)
    changes = live.store.write(
        lambda connection: act(words.generation, connection, name, asked, actor, now, places)
    )
    _followed(live, asked, changes)
    return changes[0]


def _places(words: Words, asked: Asked) -> CityWords | None:
    """What reads words that are to be remembered; made only where some are."""
    return CityWords(words.geocoder.city) if asked.remember else None


def _followed(live: LiveCity, asked: Asked, changes: Sequence[Issue]) -> None:
    """Memory brought up to date with what an action has changed."""
    if asked.action in (Action.MOVE, Action.UNDO):
        live.corrected()
    live.changed([(one, None) for one in changes])


def _do_all(service: Service, actor: Actor, wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """Group by group, so that others who write come in between."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(wanted), MOST_TOGETHER):
        some = wanted[start : start + MOST_TOGETHER]
        names, now = service.names, service.now_us()
        for (name, _), one in zip(some, _group(service, actor, some, now), strict=True):
            told = {"issue": orjson.Fragment(feature(one, names, now))} if isinstance(one, Issue) else {}
            results.append(_result(name, one, told))
    return results


def _group(
    service: Service, actor: Actor, wanted: Sequence[Wanted], now_us: int
) -> Sequence[Issue | GridError]:
    """What became of issues that share a commit; each by itself where they cannot."""
    live, asked = service.live, wanted[0][1]
    words = live.words
    places = _places(words, asked)
    try:
        results, changed = live.store.write(
            lambda connection: act_on_many(words.generation, connection, wanted, actor, now_us, places)
        )
    except StoreUnavailableError as error:
        return [error] * len(wanted)
    except Exception:  # whatever one issue does, the others are to be changed
        if len(wanted) == 1:
            logger.exception("An action of many could not be done.")
            return [StoreError("It could not be done; the server's log says why.")]
        return [_group(service, actor, [one], now_us)[0] for one in wanted]
    _followed(live, asked, changed)
    return results


def _previews(service: Service, actor: Actor, wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    return [
        _result(name, one, {"issue": _told(service, one)} if isinstance(one, Preview) else {})
        for (name, _), one in zip(wanted, _seen(service, actor, wanted), strict=True)
    ]


def _seen(service: Service, actor: Actor, wanted: Sequence[Wanted]) -> Sequence[Preview | GridError]:
    words = service.live.words
    places = _places(words, wanted[0][1])
    with service.live.store.reading() as connection:
        return previews(words.generation, connection, wanted, actor, service.now_us(), places)


def _told(service: Service, seen: Preview) -> dict[str, Any]:
    return preview_json(seen, service.live.generation, service.names, service.now_us())


def _result(name: str, one: object, told: dict[str, Any]) -> dict[str, Any]:
    if isinstance(one, GridError):
        return {"id": name, "ok": False, "error": problem_json(one)}
    return {"id": name, "ok": True, **told}

"""One answer told as a person would tell it: what, where, whose, how sure, and what else it could be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from geo.uncertainty import deviation, radius
from layers.findings import Lang
from layers.generation import DRAFT, GAP_WIDTH_M, Generation
from layers.telling_messages import TELLING
from layers.terms import term

Proof = Mapping[str, Any]

EXACT = 1 - 1e-9  # a share from here on is all of it
MOST_TEXT = 200  # characters of the reporter's own words
SMALL_ERROR = 0.0005  # of a share; not worth a word


def tell(proof: Proof, lang: Lang, generation: Generation | None = None) -> list[str]:
    """The story of a proof in short sentences of one language.

    Args:
        proof: as `layers.proof.prove` makes it.
        lang: ``zh`` or ``en``.
        generation: lends the names of categories, owners and upper cells, and the city's time zone; without
            it their codes stand for them.
    """
    teller = _Teller(proof, lang, generation)
    return [*teller.reported(), *teller.place(), *teller.things(), *teller.whose(), *teller.rest()]


def error_radii(accuracy_m: float | None, level: float | None) -> tuple[float, float] | None:
    """Metres within which the true position lies with 68 % and 95 %; None where no error was stated."""
    if not accuracy_m or not level:
        return None
    sigma = deviation(accuracy_m, level)
    return float(radius(sigma, 0.68)), float(radius(sigma, 0.95))


def metres(distance_m: float, unit: str = "m") -> str:
    """A distance as people say it: ``4.2 m``, ``35 m``, ``1.3 km``."""
    kilo = {"m": "km", "米": "公里"}[unit]
    if round(distance_m) >= 1000:
        return f"{distance_m / 1000:.1f} {kilo}"
    is_round = distance_m >= 9.95 or round(distance_m, 1) == 0
    return f"{distance_m:.0f} {unit}" if is_round else f"{distance_m:.1f} {unit}"


def percent(share: float) -> str:
    """A share as people say it; never 0 % or 100 % where it is not."""
    rounded = f"{share * 100:.0f}"
    if rounded == "100" and share < EXACT:
        return "> 99 %"
    return "< 1 %" if rounded == "0" and share > 0 else f"{rounded} %"


def clean(value: object) -> str:
    """Text from a city's data or a reporter without control characters; empty for None."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text).strip()


class Names:
    """What things are called in a language; a generation knows more names than a proof."""

    def __init__(self, proof: Proof, lang: Lang, generation: Generation | None) -> None:
        self.lang = lang
        self.generation = generation
        self._owners = {o["id"]: o["name"] for o in proof["owners"]}
        if generation is not None:
            self._owners |= {o.id: (lang == "en" and o.name_en) or o.name for o in generation.owners}

    def owner(self, owner_id: str | None) -> str:
        """An owner's name, else its id; a word for nobody."""
        if not owner_id:
            return TELLING[self.lang]["nobody"]
        return clean(self._owners.get(owner_id) or owner_id)

    def category(self, code: str) -> str:
        """A category by name and code."""
        found = None if self.generation is None else self.generation.config.categories.get(code)
        if found is None:
            return clean(code)
        name = clean(found.name(self.lang))
        return f"{name}（{code}）" if self.lang == "zh" else f"{name} ({code})"

    def kind(self, kind: str) -> str:
        """What a kind of asset, area or role is called."""
        return clean(term(self.lang, kind))

    def asset(self, asset: Mapping[str, Any]) -> str:
        """An asset by kind, name and id."""
        facts = {"kind": self.kind(asset["kind"]), "name": clean(asset["name"]), "id": clean(asset["id"])}
        bare = not facts["name"] or facts["id"] in facts["name"]
        facts["id"] = (bare and facts["name"]) or facts["id"]
        return TELLING[self.lang]["asset.bare" if bare else "asset.named"].format_map(facts)

    def upper_cells(self, path: str | None) -> list[str]:
        """The names of the cells above a leaf, the top first."""
        codes = (path or "").split("/")[:-1]
        if self.generation is None:
            return [clean(code) for code in codes]
        cells = self.generation.cells
        names = dict(zip(cells.path, cells.name, strict=True))
        paths = ("/".join(codes[: depth + 1]) for depth in range(len(codes)))
        return [clean(names.get(path)) or clean(code) for path, code in zip(paths, codes, strict=True)]

    def time(self, occurred_at: str) -> str:
        """A time in the city's zone, or in UTC where the city is not known."""
        zone = "UTC" if self.generation is None else self.generation.config.time_zone
        try:
            local = datetime.fromisoformat(occurred_at).astimezone(ZoneInfo(zone))
        except ValueError:
            return clean(occurred_at)
        return f"{local:%Y-%m-%d %H:%M} ({zone})"

    def via(self, rule_id: str | None) -> tuple[str, str]:
        """How a rule finds its owner and the kind of area it asks; empty where it is not known."""
        rules = () if self.generation is None else self.generation.config.rules
        found = next((rule for rule in rules if rule.id == rule_id), None)
        return ("", "") if found is None else (found.via, found.target)


class _Teller:
    """Makes the sentences of one proof."""

    def __init__(self, proof: Proof, lang: Lang, generation: Generation | None) -> None:
        self.proof = proof
        self.lang = lang
        self.names = Names(proof, lang, generation)

    def say(self, key: str, **facts: object) -> str:
        return TELLING[self.lang][key].format_map(facts)

    def metres(self, distance_m: float) -> str:
        return metres(distance_m, "米" if self.lang == "zh" else "m")

    def percent(self, share: float) -> str:
        said = percent(share)
        sign = said[:2] if said[:2] in ("> ", "< ") else ""
        return self.say(f"percent.{sign.strip()}", share=said[2:]) if sign else said

    def join(self, parts: Iterable[str]) -> str:
        return ("、" if self.lang == "zh" else "; ").join(parts)

    def reported(self) -> Iterator[str]:
        report = self.proof["report"]
        if report["category"]:
            yield self.say("reported", category=self.names.category(report["category"]))
        else:
            yield self.say("reported.unknown")
        if report["occurred_at"]:
            yield self.say("time", time=self.names.time(report["occurred_at"]))
        text = clean(report["text"])
        if text:
            yield self.say("text", text=text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…")

    def place(self) -> Iterator[str]:
        report = self.proof["report"]
        if report["lng"] is None or report["lat"] is None:
            yield self.say("at.none")
            return
        yield self.say("at", lng=f"{report['lng']:.6f}", lat=f"{report['lat']:.6f}")
        if report["shape"]:
            meaning = "extent" if report["extent"] else "shape"
            yield self.say(f"{meaning}.{'line' if 'LINE' in report['shape'].upper() else 'area'}")
        radii = error_radii(report["accuracy_m"], report["level"])
        if radii is not None:
            yield self.say("error", m68=self.metres(radii[0]), m95=self.metres(radii[1]))
        elif not report["shape"]:
            yield self.say("error.exact")
        yield from self._cell()
        yield from self._areas()

    def _cell(self) -> Iterator[str]:
        cell = self.proof["cell"]
        topology = cell["topology"]
        m = "" if cell["distance_m"] is None else self.metres(cell["distance_m"])
        if not cell["code"]:
            if topology == "outside":
                yield self.say("cell.outside", away=self.say("cell.away", m=m) if m else "")
            return
        upper = self.names.upper_cells(cell["path"])
        path = " › ".join(upper) if self.lang == "zh" else ", ".join(reversed(upper))
        facts = {
            "cell": clean(cell["name"]) or clean(cell["code"]),
            "code": clean(cell["code"]),
            "under": self.say("cell.under", path=path) if path else "",
            "tied": self.join(map(clean, cell["tied"])),
            "m": m,
        }
        yield self.say("cell.near" if topology == "outside" else f"cell.{topology}", **facts)
        if topology == "gap" and (cell["distance_m"] or 0) > GAP_WIDTH_M:
            yield self.say("cell.deep")

    def _areas(self) -> Iterator[str]:
        said = []
        for kind, area in sorted(self.proof["areas"].items()):
            facts = {"kind": self.names.kind(kind), "name": clean(area["name"]) or clean(area["code"])}
            owner = area["owner_id"]
            key = "area.owned" if owner else "area"
            said.append(self.say(key, **facts, owner=self.names.owner(owner)))
        if said:
            yield self.say("areas", list=self.join(said))

    def things(self) -> Iterator[str]:
        asset, others = self.proof["asset"], self.proof["candidates"]
        if asset is not None and self.proof["bound"] in ("street", "section"):
            others = [one for one in others if one["share"] != 0]
            yield self.say(
                f"asset.{self.proof['bound']}", what=self._street(asset), list=self._listed(others)
            )
        elif asset is not None:
            others = [one for one in others if (one["kind"], one["id"]) != (asset["kind"], asset["id"])]
            where, share = self._where(asset), self._this_one(asset)
            yield self.say("asset", what=self.names.asset(asset), where=where, share=share)
            if others:
                yield self.say("asset.others", list=self._listed(others))
        elif others:
            yield self.say("asset.open", list=self._listed(others))
        elif self.proof["report"]["lng"] is not None:
            yield self.say("asset.none")
        yield from self._sections()

    def _listed(self, assets: Iterable[Mapping[str, Any]]) -> str:
        return self.join(self._considered(one) for one in assets)

    def _street(self, piece: Mapping[str, Any]) -> str:
        """A street by its name, which its pieces share."""
        return clean(piece["name"]) or self.names.asset(piece)

    def _where(self, asset: Mapping[str, Any]) -> str:
        return self.say("away", m=self.metres(asset["distance_m"])) if asset["distance_m"] else self.say("on")

    def _this_one(self, asset: Mapping[str, Any]) -> str:
        share = asset["share"]
        return "" if share is None or share >= EXACT else self.say("asset.share", share=self.percent(share))

    def _considered(self, asset: Mapping[str, Any]) -> str:
        facts = [self.metres(asset["distance_m"])] if asset["distance_m"] is not None else []
        facts += [] if asset["share"] is None else [self.percent(asset["share"])]
        listed = ("，" if self.lang == "zh" else ", ").join(facts)
        what = self.names.asset(asset)
        return self.say("asset.considered", what=what, facts=listed) if facts else what

    def _sections(self) -> Iterator[str]:
        for _, section in sorted(self.proof["sections"].items()):
            metre, side = section["m"], f"side.{section['side']}"
            yield self.say(
                "section",
                route=clean(section["route"]),
                metre="" if metre is None else self.say("section.metre", m=f"{metre:.0f}"),
                side=self.say(side) if side in TELLING[self.lang] else "",
                name=clean(section["name"]) or clean(section["id"]),
            )

    def whose(self) -> Iterator[str]:
        owners = self.proof["owners"]
        if not owners or not owners[0]["id"]:
            yield self.say("owner.none")
        else:
            lead = owners[0]
            via, area = self.names.via(lead["rule"])
            why = (
                self.say(f"via.{via}", kind=self.names.kind(area))
                if f"via.{via}" in TELLING[self.lang]
                else ""
            )
            yield self.say("owner", owner=self.names.owner(lead["id"]), rule=clean(lead["rule"]), via=why)
            yield self._sure(lead["share"])
        if len(owners) > 1:
            yield self.say("rivals", list=self.join(self._rival(owner) for owner in owners[1:]))
        if self.proof["tie_break"]:
            yield self.say("tie")

    def _sure(self, share: float | None) -> str:
        certainty = self.proof["certainty"]
        if not certainty or share is None:
            return self.say("sure.unknown")
        report, error = self.proof["report"], self.proof["share_error"] or 0.0
        if share < EXACT:
            give = self.say("sure.give", error=_give(error)) if error >= SMALL_ERROR else ""
            return self.say(
                f"sure.{certainty}", share=self.say("sure.share", share=self.percent(share), give=give)
            )
        if certainty == "certain" and not report["accuracy_m"] and not report["shape"]:
            return self.say("sure.exact")
        everywhere = self.say("sure.everywhere") if certainty == "certain" else ""
        return self.say(f"sure.{certainty}", share=everywhere)

    def _rival(self, owner: Mapping[str, Any]) -> str:
        key = "rival" if owner["rule"] else "rival.norule"
        share = "" if owner["share"] is None else self.percent(owner["share"])
        return self.say(key, owner=self.names.owner(owner["id"]), share=share, rule=clean(owner["rule"]))

    def rest(self) -> Iterator[str]:
        question = self.proof["question"]
        if question:
            yield self.say("question", question=clean(question[self.lang]))
        for role, held in sorted(self.proof["roles"].items()):
            key = f"role.{role}" if f"role.{role}" in TELLING[self.lang] else "role.other"
            owner = clean(held["owner_name"]) or self.names.owner(held["owner_id"])
            yield self.say(key, role=self.names.kind(role), owner=owner, rule=clean(held["rule"]))
        number = self.proof["generation"]["id"]
        yield self.say("generation.draft" if number == DRAFT else "generation", id=number)


def _give(error: float) -> str:
    """An error of a share, to two digits."""
    return f"{error * 100:.2g} %"

"""Rules that give a first sensible answer for a town that has told us nothing."""

from __future__ import annotations

from importlib import resources

from layers.config import NEW_CITY

FIRST_RULE = "\n[[rule]]\n"


def with_starter_rules(text: str) -> str:
    """The text of a city.toml with the starter rules, if its rules are still those that ``init`` wrote.

    Otherwise the text as it is: what an administrator has changed stays.
    """
    written = NEW_CITY[NEW_CITY.index(FIRST_RULE) :].format()
    head = text.removesuffix(written)
    if head == text or any(line.startswith(("[[rule]]", "[[owner]]")) for line in head.splitlines()):
        return text
    return f"{head}\n{starter_rules()}"


def starter_rules() -> str:
    """The owners and rules that come with Woodpecker, as TOML."""
    return (resources.files("layers") / "data" / "rules_town.toml").read_text("utf-8")

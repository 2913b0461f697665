"""The page about issues says what the table of their life says.

``python tests/test_issue_docs.py`` writes the page's table anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from layers.life_cycle import ACTION_WORDS, BACK, STATE_WORDS, STAYS, TABLE, Action, Role, State, Step

PAGE = Path(__file__).parents[1] / "docs" / "issues.md"
HEAD = "| action | 中文 | in the states | leads to | who may | has to say |\n|---|---|---|---|---|---|\n"
NAMES = {"owner": "the owner", "issue": "the other issue", "position": "the position", "": ""}


def actions_table() -> str:
    """The rows of the table, as Markdown."""
    return "".join(f"| {' | '.join(_cells(step))} |\n" for step in TABLE)


def _cells(step: Step) -> tuple[str, ...]:
    states = "any" if step.before == tuple(State) else ", ".join(f"`{state}`" for state in step.before)
    after = {STAYS: "the same", BACK: "the one before"}.get(step.after, f"`{step.after}`")
    who = "anybody" if step.roles == tuple(Role) else ", ".join(step.roles)
    why = {Action.COMMENT: "the words", Action.ASK: "the question"}.get(step.action, "why")
    says = [NAMES[step.names], why if step.reason else ""]
    zh = ACTION_WORDS[step.action][0]
    return f"`{step.action}`", zh, states, after, who, ", ".join(filter(None, says)) or "-"


def _written() -> str:
    rest = PAGE.read_text("utf-8").partition(HEAD)[2]
    return rest[: rest.index("\n\n") + 1] if not rest.startswith("\n") else ""


def test_the_page_has_every_row_of_the_table() -> None:
    assert _written() == actions_table(), "write it anew: python tests/test_issue_docs.py"


def test_the_page_names_every_state() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == {state.value: STATE_WORDS[state][0] for state in State}


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    PAGE.write_text(text.replace(HEAD + _written(), HEAD + actions_table()), "utf-8")

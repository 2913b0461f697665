"""The city.toml of a new city, and changes to one that keep its comments and order."""

from __future__ import annotations

import re
from typing import Any

import tomlkit

NEW_CITY = """\
# {name}: the words of this city. Changes act after `woodpecker publish`.
name = {quoted}
# Distances and areas are measured in this; the first import picks one where it is empty.
metric_crs = "{metric_crs}"
time_zone = "{time_zone}"
languages = {languages}      # of reasons and pages, the first one first
levels = []                   # grid levels, top first; imports add theirs

[categories]
table = "gbt30428"            # or "none", or a CSV beside this file: code, name_zh, name_en, asset_kinds

# How far an asset may lie from a report that concerns it, in metres (50 where nothing is said).
[radius_m]
street_light = 30
manhole = 20

# How many hours an issue may take, counted day and night from the report on, where the shipped limits do not
# fit: by a category's code, by what the codes of a class begin with, or by "*" for all others.
#   [limits]
#   "0118" = 24               # street lights
#   "E01" = 4

# Whose is it: for each role the first rule that matches and names an owner answers.
#   [[rule]]
#   id = "lamp"
#   role = "lead"             # who answers for it, where nothing is said; or assist, supervisor
#   when = {{ category = ["0118"], asset_kind = "street_light" }}   # keys AND, lists OR
#   owner = "@asset"          # an owner's id, or @asset, @section, @section.KIND, @area.KIND, @cell
#   valid_from = 2026-07-01   # the first day on which it holds; valid_to is the last
# Conditions: category, cell (a code at any level), asset_kind, area.KIND, asset.ATTRIBUTE, section,
# section.KIND, weekday ("mon-fri"), hours ("20:00-06:00").

[[rule]]
id = "asset-owner"
owner = "@asset"              # the owner of the asset concerned, where there is one

[[rule]]
id = "territory"
owner = "@cell"               # obligatory, the last that leads, without conditions: the cell's body
"""


def new_city_text(name: str, metric_crs: str, time_zone: str) -> str:
    """The city.toml of a new city; a Chinese name puts Chinese first."""
    languages = '["zh", "en"]' if re.search(r"[\u4e00-\u9fff]", name) else '["en", "zh"]'
    plain, quoted = " ".join(name.split()), tomlkit.item(name).as_string()
    return NEW_CITY.format(
        name=plain, quoted=quoted, metric_crs=metric_crs, time_zone=time_zone, languages=languages
    )


def edit(text: str, **values: Any) -> str:
    """The text with top-level keys set; comments and order survive."""
    document = tomlkit.parse(text)
    document.update(values)
    return tomlkit.dumps(document)

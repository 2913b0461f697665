"""One self-contained HTML page around a folium map: every script and style inside, no request to any host."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from maps.files import VENDOR, WEB

_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


class CityMap(folium.Map):
    """A folium map without anything of its own from outside.

    Folium's template loads ten files from four hosts, fills the window and forbids pinch zoom;
    this one draws into the place that the page gives it, and moves nothing by itself where the
    system asks for less motion.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }} aria-describedby="map-help"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            const moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                crs: L.CRS.{{ this.crs }},
                fadeAnimation: moving, zoomAnimation: moving, markerZoomAnimation: moving, inertia: moving,
                ...{{ this.options|tojavascript }}
            });
            if (!moving) {
                {{ this.get_name() }}.panBy = function (offset, options) {
                    return L.Map.prototype.panBy.call(this, offset, { ...options, animate: false });
                };
            }
            L.control.scale({ imperial: false }).addTo({{ this.get_name() }});
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium wants lists
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(location=(0, 0), tiles=None, **options)
        self._id = "woodpecker"  # a random one would make every file different
        self.options.update(max_zoom=18, zoom_snap=0.25, wheel_px_per_zoom_level=120)


class Verbatim(Element):
    """Text that is written as it stands; branca reads the text of other elements as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Page(Figure):
    """The document: its language and title, a policy that allows no request, the data as JSON."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.lang }}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="{{ kwargs.policy }}">\n'
        "<title>{{ this.title }}</title>\n{{ this.header.render() }}\n</head>\n<body>\n"
        "{{ this.html.render() }}\n"
        '<script type="application/json" id="woodpecker-data">{{ this.data }}</script>\n'
        "{% for script in kwargs.scripts %}<script>{{ script }}</script>\n{% endfor %}"
        "</body>\n</html>\n"
    )

    def __init__(self, *, title: str, lang: str, data: str, libraries: Sequence[str]) -> None:
        super().__init__(title=escape(title))
        self.header._children.clear()  # branca's own charset comes too late in the head
        self.lang = escape(lang)
        self.data = data
        self.libraries = libraries

    def render(self, **kwargs: Any) -> str:
        """The document; scripts are named by their hashes, so that no other can ever run in it."""
        for child in self._children.values():
            child.render(**kwargs)
        scripts = [*self.libraries, self.script.render()]
        allowed = " ".join(f"'{_digest(script)}'" for script in scripts)
        policy = f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:"
        text: str = self._template.render(this=self, kwargs={"scripts": scripts, "policy": policy})
        return text


def _digest(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def bundle(folder: Path, names: Sequence[str]) -> str:
    """ES modules as one classic script, in the order given: a page on disk cannot import files.

    Every top-level name must be unique across the modules.
    """
    modules = [_EXPORT.sub("", _IMPORT.sub("", (folder / f"{name}.js").read_text("utf-8"))) for name in names]
    return "'use strict';\n{\n" + "\n".join(modules) + "\nwindow.openPage = openPage;\n}\n"


def vendored(name: str) -> str:
    """A file of a third-party library, as the build copied it."""
    text = (VENDOR / name).read_text("utf-8")
    return re.sub(r"\n?//# sourceMappingURL=\S*", "", text)


class OpenPage(MacroElement):
    """Hands the folium map over to the page's own script."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    _template = Template(
        "{% macro script(this, kwargs) %}openPage({{ this._parent.get_name() }});{% endmacro %}"
    )


def map_document(
    *, title: str, lang: str, data: str, folder: str, modules: Sequence[str], styles: Sequence[str] = ()
) -> str:
    """A whole page around a map, as text to be written as UTF-8.

    Args:
        title: escaped here.
        lang: ``zh`` or ``en``, the language the page opens in.
        data: JSON from `maps.encode.script_json`, for the page's own script.
        folder: of ``web``; its ``page.html`` is the markup around the map.
        modules: ``folder/name`` of ES modules; the last one exports ``openPage(map)``.
        styles: ``folder/name`` of style sheets after ``page/page``.
    """
    libraries = [vendored("leaflet/leaflet.js"), bundle(WEB, modules)]
    page = Page(title=title, lang="zh-CN" if lang == "zh" else lang, data=data, libraries=libraries)
    sheets = [(WEB / f"{name}.css").read_text("utf-8") for name in ("page/page", *styles)]
    for sheet in (vendored("leaflet/leaflet.css"), *sheets):
        page.header.add_child(Verbatim(f"<style>{sheet}</style>"))
    before, after = _frame(folder, title)
    page.html.add_child(Verbatim(before))
    city_map = CityMap(zoom_control=True).add_to(page)
    city_map.add_child(OpenPage())
    city_map.render()
    page.html.add_child(Verbatim(after))
    # A lone surrogate, legal in JSON, cannot be written as UTF-8.
    return page.render().encode("utf-8", "replace").decode("utf-8")


def _frame(folder: str, title: str) -> tuple[str, str]:
    """The page's own markup before and after the map."""
    before, _, after = (WEB / folder / "page.html").read_text("utf-8").partition("%map%")
    return before.replace("%title%", escape(title)), after.replace("%title%", escape(title))

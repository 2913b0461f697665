"""What the words of a search box may mean among the names of a generation."""

from __future__ import annotations

from layers.generation import Generation
from layers.store.filters import Sought

MOST_WORDS = 10


def sought_in(generation: Generation, text: str, *, private: bool) -> tuple[Sought, ...]:
    """Each word of a text with the categories and owners whose names have it; those beyond ten do not count.

    Args:
        private: whether it is looked for in what was reported, too.
    """
    return tuple(
        Sought(word, _categories(generation, word), _owners(generation, word), private)
        for word in dict.fromkeys(text.split()[:MOST_WORDS])
    )


def _categories(generation: Generation, word: str) -> tuple[str, ...]:
    said = word.casefold()
    named = generation.config.categories.values()
    return tuple(c.code for c in named if said in f"{c.code}\n{c.name_zh}\n{c.name_en}".casefold())


def _owners(generation: Generation, word: str) -> tuple[str, ...]:
    said = word.casefold()
    return tuple(o.id for o in generation.owners if said in f"{o.id}\n{o.name}\n{o.name_en}".casefold())

"""What is kept stays within its bytes; what was asked for longest ago goes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from maps.tile_cache import ENTRY_BYTES, ByteCache

SIZE = 100
FOUR = 4 * (SIZE + ENTRY_BYTES)


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    cache = ByteCache(FOUR)
    for key in "abcd":
        cache.put(key, key.encode() * SIZE)
    assert cache.get("a") == b"a" * SIZE
    cache.put("e", b"e" * SIZE)
    assert [key for key in "abcde" if cache.get(key) is not None] == ["a", "c", "d", "e"]


def test_what_is_larger_than_everything_may_be_is_not_kept_and_empties_nothing() -> None:
    cache = ByteCache(FOUR)
    cache.put("a", b"a")
    cache.put("b", b"b" * FOUR)
    assert cache.get("b") is None
    assert cache.get("a") == b"a"


def test_the_same_key_again_takes_the_place_of_the_first() -> None:
    cache = ByteCache(FOUR)
    for size in (1, 50, 100):
        cache.put("a", b"a" * size)
    assert (cache.get("a"), len(cache), cache.size) == (b"a" * 100, 1, 100 + ENTRY_BYTES)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3 * SIZE)), max_size=60))
def test_it_never_holds_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    cache = ByteCache(FOUR)
    for key, size in puts:
        cache.put(key, bytes(size))
        assert cache.size <= FOUR
    kept = [cache.get(key) for key in range(10)]
    assert cache.size == sum(len(one) + ENTRY_BYTES for one in kept if one is not None)


def test_threads_may_share_it() -> None:
    cache = ByteCache(FOUR)

    def use(turn: int) -> None:
        for key in range(200):
            cache.put((key + turn) % 20, bytes(key))
            cache.get(key % 20)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    kept = [one for key in range(20) if (one := cache.get(key)) is not None]
    assert cache.size == sum(len(one) + ENTRY_BYTES for one in kept) <= FOUR

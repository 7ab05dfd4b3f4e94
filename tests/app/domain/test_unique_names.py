from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from app.domain.unique_names import UniqueNames


def _added(names: list[str], between: str = " ") -> list[str]:
    unique = UniqueNames(between)
    return [unique.add(name) for name in names]


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert _added(["a", "b", "a", "a"], "_") == ["a", "b", "a_2", "a_3"]


def test_a_number_that_somebody_else_has_is_left_out() -> None:
    assert _added(["a 2", "a", "a", "a 2", "a"]) == ["a 2", "a", "a 3", "a 2 2", "a 4"]


@given(st.lists(st.sampled_from(["a", "a 2", "a 3", "a 2 2", "", " 2"])))
def test_no_two_are_the_same_and_each_is_the_first_that_is_free(names: list[str]) -> None:
    taken: set[str] = set()
    for name, unique in zip(names, _added(names), strict=True):
        assert unique == next(one for one in (name, *_numbered(name)) if one not in taken)
        taken.add(unique)


class _Counted(str):
    """A name that counts how often it is written out."""

    __slots__ = ()
    written = 0

    def __format__(self, form: str) -> str:
        _Counted.written += 1
        return str.__format__(self, form)


def test_a_name_that_comes_again_and_again_is_not_counted_from_the_beginning() -> None:
    unique = UniqueNames("_")
    for _ in range(1000):
        unique.add(_Counted("a"))
    assert _Counted.written == 999


def _numbered(name: str) -> Iterator[str]:
    return (f"{name} {number}" for number in range(2, 100))

"""How much memory values take: of the same bytes JSON that is read takes up to thirty times as much.

What is bounded by memory is counted by this, and not by what came over the wire.
"""

import sys
from collections.abc import Iterable

import msgspec


def footprint(values: Iterable[object], at_most: int) -> int:
    """Return how many bytes values take, with all JSON and structs that hang on them, each thing once.

    Args:
        values: of which there may be many levels.
        at_most: where it is more, any number above this is returned, and soon.
    """
    size, todo, seen = 0, [*values], set[int]()
    while todo and size <= at_most:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        size += sys.getsizeof(value)
        if isinstance(value, dict):
            todo += value.keys()
            todo += value.values()
        elif isinstance(value, list | tuple):
            todo += value
        elif isinstance(value, msgspec.Struct):
            todo += [getattr(value, name) for name in value.__struct_fields__]
    return size

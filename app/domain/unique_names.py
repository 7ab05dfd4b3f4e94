"""Names of which no two are the same: those that are taken get a number.

Callers choose the names, and how often one comes again: the number to go on with is kept for each, so that
a name's thousandth time costs what its second did.
"""


class UniqueNames:
    """The names of one request.

    Args:
        between: stands between a name and its number.
    """

    def __init__(self, between: str) -> None:
        self._between = between
        self._numbers: dict[str, int] = {}
        """The last number that was given to each name; 1: none."""

    def add(self, name: str) -> str:
        """Return the name, or the first of `name 2`, `name 3`, ... that is not taken yet; now it is."""
        number = self._numbers.get(name)
        if number is None:
            self._numbers[name] = 1
            return name
        while True:
            number += 1
            unique = f"{name}{self._between}{number}"
            if unique not in self._numbers:
                self._numbers[name] = number
                self._numbers[unique] = 1
                return unique

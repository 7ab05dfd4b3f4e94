"""What is wrong with a routing config, said with its path.

The counterpart for `handrail.yaml` is `app/configuration/problems.py`: there all mistakes are told at once to
who runs the service; here a caller is answered with the first.
"""

_SHOWN = 64
"""Characters of a key that a path repeats: an error shall not carry all that a caller sent back."""


class ConfigError(ValueError):
    """A config cannot be used.

    Args:
        path: where, as in `config.targets[1].weight`. What is missing is told at the object that lacks it.
        message: what is wrong and what would be right.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def member(path: str, key: object) -> str:
    """Return the path of what an object holds under a key."""
    return f"{path}.{shown(key)}"


def item(path: str, index: int) -> str:
    """Return the path of what an array holds at an index."""
    return f"{path}[{index}]"


def shown(text: object) -> str:
    """Return it short enough for a message."""
    text = str(text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def kind_of(value: object) -> str:
    """Return what a value is in the words of JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "an array"
        case dict():
            return "an object"
        case _:
            return type(value).__name__

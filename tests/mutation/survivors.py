"""Which mutants of the core no test sees, and which of them are as right as what they replace.

    python -m tests.mutation.survivors

`make mutate` ends with it. A mutant that survives is a behaviour without a test, or it behaves as the
original does. The latter stand in `accepted.txt` with the reason, told by what they change: their numbers
move with every edit. Whatever else survived is printed; that makes the exit status 1, as does what was
accepted and is gone.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

ACCEPTED = Path(__file__).with_name("accepted.txt")
SEEN = frozenset({"killed", "timeout", "caught by type check"})
"""What has become of mutants that something has seen; one that never ends is seen as well."""


class Change(msgspec.Struct, frozen=True):
    """What a mutant changes."""

    function: str
    """With its module, and its class if it has one."""
    removed: str
    """Its lines, each without its indentation, in one."""
    added: str

    def __str__(self) -> str:
        return f"{self.function}\n- {self.removed}\n+ {self.added}"


def accepted(text: str) -> set[Change]:
    """Read what is accepted: reasons behind `#`, then the function, then `-` and `+`, as often as needed.

    Raises:
        ValueError: an entry has no reason, or no function.
    """
    changes: set[Change] = set()
    for number, block in enumerate(text.strip().split("\n\n"), 1):
        lines = block.splitlines()
        reasons = [line for line in lines if line.startswith("#")]
        function, *signed = lines[len(reasons) :]
        if not reasons or len(signed) % 2 or not signed:
            raise ValueError(
                f"entry {number} ({lines[0]}) is not `# reason`, function, `- before`, `+ after`"
            )
        for removed, added in zip(signed[::2], signed[1::2], strict=True):
            changes.add(Change(function, removed.removeprefix("- "), added.removeprefix("+ ")))
    return changes


def change(function: str, diff: str) -> Change:
    """Read what a unified diff of one function changes."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++", "@@"))]
    removed, added = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Change(function, removed, added)


def asserts_no_more(one: Change) -> bool:
    """Whether it only stops `zip` from asking for equal lengths, which they are unless we are wrong."""
    lax = one.added.replace(", strict=False", "").replace(", )", ")")
    return one.removed.replace(", strict=True", "") == lax


def report(survivors: Iterable[Change], known: set[Change]) -> Sequence[str]:
    """Return what is to be said: which survivors nobody accepted, and what was accepted and is gone."""
    there = set(survivors)
    new = [f"No test sees:\n{one}" for one in sorted(there - known, key=str)]
    return [*new, *(f"Accepted, and not there any more:\n{one}" for one in sorted(known - there, key=str))]


def _mutants() -> Iterator[tuple[str, Path, str]]:
    """Yield each mutant with its file and what has become of it."""
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, exit_code in data.exit_code_by_key.items():
            yield name, path, status_by_exit_code[exit_code]


def _function(mutant: str) -> str:
    function, in_class = orig_function_and_class_names_from_key(mutant)
    return ".".join(filter(None, (mutant.rpartition(".")[0], in_class, function)))


def main() -> int:
    """Print what became of the mutants; return the exit status."""
    counts: Counter[str] = Counter()
    survivors: list[Change] = []
    for name, path, status in _mutants():
        counts[status] += 1
        if status not in SEEN and status != "not checked":
            one = change(_function(name), get_diff_for_mutant(name, path=path))
            if not asserts_no_more(one):
                survivors.append(one)
    known = accepted(ACCEPTED.read_text())
    said = report(survivors, known if not counts["not checked"] else known.intersection(survivors))
    print("\n\n".join([*said, ", ".join(f"{count} {status}" for status, count in counts.most_common())]))
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())

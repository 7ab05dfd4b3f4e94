"""`python -m dashboards.picture --database URL FILE.png`: draw what is on record."""

import argparse
import contextlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.records.engine import UnusableUrl
from app.records.reading import Reading, UnreadableRecord
from dashboards.picture.facts import facts_of

_TIMEOUT_S = 300.0


def main(arguments: list[str]) -> int:
    """Draw; return 1 if there is nothing to draw, or nothing to draw it with."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.picture", description="Draw what is on record."
    )
    parser.add_argument("file", metavar="FILE.png", type=Path)
    parser.add_argument("--database", metavar="URL", required=True, help="sqlite:///FILE or postgresql://...")
    parser.add_argument("--days", type=int, default=7, help="how many, up to today (7; UTC)")
    parser.add_argument("--about", default="", help="what the record is of, for the line under the title")
    options = parser.parse_args(arguments)
    try:
        from dashboards.picture.drawing import figure_of, png  # noqa: PLC0415 (matplotlib is a tool of tests)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}: `make test` installs what this needs, or `pip install matplotlib`\n")
        return 1
    first = datetime.now(UTC).date() - timedelta(days=options.days - 1)
    try:
        reading = Reading(options.database, timeout_s=_TIMEOUT_S)
        with contextlib.closing(reading), reading.connect() as connection:
            facts = facts_of(connection, first)
    except (UnreadableRecord, UnusableUrl) as error:
        sys.stderr.write(f"handrail: {error}\n")
        return 1
    options.file.write_bytes(png(figure_of(facts, options.about)))
    sys.stdout.write(f"{options.file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

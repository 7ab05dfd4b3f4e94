"""The picture as users get it: of traffic that has just gone through a running gateway."""

import struct
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from app.records.engine import open_engine
from dashboards.picture.drawing import ROWS, figure_of, png
from dashboards.picture.facts import Facts, facts_of
from tests.dashboards.picture.load import load
from tests.dashboards.picture.panels import heights, widths
from tests.databases import select

ROOT = Path(__file__).resolve().parents[3]
PICTURE = ROOT / "dashboards" / "picture" / "record.png"
MOST_BYTES = 250_000


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dashboards.picture", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def size(file: Path) -> tuple[int, int]:
    """Return width and height of a PNG (w3.org/TR/png/#11IHDR, 2026-12)."""
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    return int(width), int(height)


async def test_what_is_drawn_is_what_the_views_say(database_url: str, tmp_path: Path) -> None:
    began = datetime.now(UTC).date()
    await load(database_url, seconds=4, per_s=30, speed=20)
    engine = open_engine(database_url)
    with engine.connect() as connection:
        facts = facts_of(connection, began)
    figure = figure_of(facts)
    ended, _, _, decided, counted, spent = figure.axes

    said = select(engine, "SELECT outcome, count(*) AS n FROM exchange_facts GROUP BY outcome")
    drawn = {label.rpartition(" ")[0].replace(" ", "_"): sum(all_) for label, all_ in heights(ended).items()}
    assert drawn == {row["outcome"]: row["n"] for row in said}
    assert len(drawn) > 1
    assert sum(drawn.values()) > 50

    verdicts = (
        "SELECT guardrail, sum(verdicts) AS n FROM guardrail_outcomes WHERE decision <> 'pass' GROUP BY 1"
    )
    by_guardrail: dict[str, float] = defaultdict(float)
    for rows in widths(decided).values():
        for guardrail, count in rows.items():
            by_guardrail[guardrail] += count
    assert by_guardrail == {row["guardrail"]: row["n"] for row in select(engine, verdicts)}

    tokens = "SELECT model, sum(prompt_tokens) AS n FROM usage_by_day WHERE provider = 'north' GROUP BY 1"
    prompted = {row["model"]: row["n"] for row in select(engine, tokens) if row["n"]}
    assert {name: n for name, n in widths(counted)["prompt"].items() if name[:5] == "north"} == {
        f"north/{model}": n for model, n in prompted.items()
    }
    (cost,) = select(engine, "SELECT sum(cost_usd) AS usd FROM cost_by_key")
    usd = sum(sum(rows.values()) for rows in widths(spent).values())
    assert abs(usd - float(str(cost["usd"]))) < 1e-9
    engine.dispose()

    file = tmp_path / "mine.png"
    done = command(str(file), "--database", database_url, "--about", "a test")
    assert (done.returncode, done.stdout) == (0, f"{file}\n"), done.stderr
    assert size(file) == (1600, 900)


def test_the_same_facts_are_the_same_file(facts: Facts) -> None:
    assert png(figure_of(facts, "mine")) == png(figure_of(facts, "mine"))
    assert png(figure_of(facts, "mine")) != png(figure_of(facts, "other"))


def test_every_panel_has_its_place(facts: Facts) -> None:
    assert len(figure_of(facts).axes) == sum(len(draws) for draws, _ in ROWS) == 6


def test_what_cannot_be_drawn_is_said(sqlite_url: str, tmp_path: Path) -> None:
    done = command(str(tmp_path / "x.png"), "--database", sqlite_url)
    assert done.returncode == 1
    assert done.stderr.startswith("handrail: there is no record yet")


def test_the_readmes_picture_is_there_and_not_too_large() -> None:
    assert PICTURE.stat().st_size < MOST_BYTES
    assert size(PICTURE) == (1600, 900)
    assert str(PICTURE.relative_to(ROOT)) in (ROOT / "README.md").read_text(encoding="utf-8")

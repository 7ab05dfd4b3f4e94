import json
from pathlib import Path

import pytest
from arro3.io import read_parquet

from tests.app.records_cli.conftest import OK, Run


@pytest.mark.parametrize(("arguments", "lines"), [(["--format", "csv"], 3), ([], None)])
def test_an_export_goes_to_standard_output(records: Run, arguments: list[str], lines: int | None) -> None:
    status, said, err = records("export", *arguments)
    assert (status, err) == (0, "")
    assert lines is None or len(said.splitlines()) == lines
    assert lines is not None or json.loads(said.splitlines()[-1])["end"]["exchanges"] == {"rows": 2}


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.parquet"])
def test_a_file_says_by_its_name_what_it_is(records: Run, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert records("export", "--caller", "team-a", "--output", str(file)) == (0, "", "")
    if name.endswith("parquet"):
        assert read_parquet(file).read_all()["id"].to_pylist() == [OK.id]
    else:
        assert OK.id in file.read_text()
        assert "team-b" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_name_that_says_nothing_is_refused(records: Run, tmp_path: Path) -> None:
    status, _, said = records("export", "--output", str(tmp_path / "x.xml"))
    assert status == 1
    assert "x.xml: what is .xml? End it in .jsonl, .csv, .parquet, or give --format" in said
    assert not (tmp_path / "x.xml").exists()
    assert records("export", "--format", "csv", "--output", str(tmp_path / "x.xml"))[0] == 0


def test_parquet_needs_a_file(records: Run) -> None:
    assert records("export", "--format", "parquet")[::2] == (
        1,
        "handrail: parquet needs a file: --output FILE.parquet\n",
    )

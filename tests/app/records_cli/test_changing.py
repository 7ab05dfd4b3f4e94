import argparse
from pathlib import Path

import pytest

from app.records import migrate
from app.records_cli.changing import changing
from app.records_cli.group import CommandFailed


def test_a_record_that_is_no_database_or_none_of_ours_is_said(tmp_path: Path) -> None:
    for url, why in (
        ("mysql://x", "not supported"),
        (f"sqlite:///{tmp_path}/none/r.db", "cannot be changed"),
    ):
        options = argparse.Namespace(database=url, config=None)
        with pytest.raises(CommandFailed, match=why), changing(options):
            pass


def test_journals_are_where_the_configuration_says(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    migrate.upgrade(url)
    file = tmp_path / "handrail.yaml"
    file.write_text(f'records: {{url: "{url}", journal: {{path: {tmp_path}/j}}}}')
    with changing(argparse.Namespace(database=None, config=str(file))) as record:
        assert record.journals == tmp_path / "j"
    with changing(argparse.Namespace(database=url, config=None)) as record:
        assert record.journals == tmp_path / "r.db.journals"

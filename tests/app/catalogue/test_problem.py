"""What is wrong with an entry, with its path."""

import pytest

from app.catalogue.problem import CatalogueError, decoded
from app.catalogue.row import Row


def test_what_fits_is_returned() -> None:
    assert decoded(Row, {"base_url": "http://x"}, "catalogue.x") == Row(base_url="http://x")


def test_an_unknown_field_is_part_of_the_path() -> None:
    with pytest.raises(CatalogueError, match=r"^catalogue\.x\.dialect\.finnish: is no setting$") as caught:
        decoded(Row, {"dialect": {"finnish": {}}}, "catalogue.x")
    assert caught.value.message == "is no setting"


def test_a_wrong_type_is_named_where_it_stands() -> None:
    with pytest.raises(CatalogueError) as caught:
        decoded(Row, {"headers": {"a": 1}}, "catalogue.x")
    assert caught.value.path == "catalogue.x.headers"
    assert caught.value.message == "expected `str`, got `int`"

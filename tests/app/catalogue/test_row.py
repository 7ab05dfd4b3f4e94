"""A kind of provider."""

from app.catalogue.row import Row


def test_placeholders_of_a_base_url_are_named_once_and_in_order() -> None:
    row = Row(base_url="https://{region}.x/projects/{project}/{region}")
    assert row.placeholders == ("region", "project")


def test_a_row_without_a_base_url_has_no_placeholders() -> None:
    assert Row().placeholders == ()

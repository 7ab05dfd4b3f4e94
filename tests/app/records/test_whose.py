import pytest

from app.records.whose import NoExchange, Whose, exchange_named

ID = "01a23122-e9e0-7f4b-bca9-349edcf4bb99"


def test_an_exchange_is_named_in_any_way_that_an_id_is_written() -> None:
    assert exchange_named(ID.upper()) == exchange_named(ID.replace("-", "")) == Whose(exchange_id=ID)


@pytest.mark.parametrize("text", ["", "1", "x" * 200, f"{ID}0"])
def test_what_is_no_id_is_said_in_short(text: str) -> None:
    with pytest.raises(NoExchange, match="is no id of an exchange") as caught:
        exchange_named(text)
    assert len(str(caught.value)) < 120

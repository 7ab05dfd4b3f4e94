from app.secret import Secret


def test_a_secret_is_shown_by_no_way_of_printing_it() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    assert [f"{secret}", str(secret), repr(secret), f"{[secret]!r}"] == ["***", "***", "***", "[***]"]


def test_secrets_are_equal_by_their_values_and_to_nothing_else() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2

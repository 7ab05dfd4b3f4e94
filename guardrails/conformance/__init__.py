"""The conformance kit: what whoever writes a check runs on it.

    from guardrails.conformance.law import assert_conforms
    from guardrails.conformance.pace import assert_quick
    from guardrails.conformance.streams import assert_streams_as_whole
    from guardrails.conformance.texts import TEXTS

    @given(text=TEXTS)
    def test_my_check_conforms(text: str) -> None:
        assert_conforms(MyCheck(), text)
        assert_streams_as_whole(MyCheck(), text)

    def test_my_check_is_quick() -> None:
        assert_quick(MyCheck(), "a", "1 ", "(", "what it looks for ")

`remote` and `exchange` hold checks of the other ports to theirs. All are plain assertions, for any test
runner. A test is as good as its texts: beside `TEXTS` give your own, with what the check looks for in them.
"""

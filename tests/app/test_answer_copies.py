from app.answer_copies import repeats, spelled_together


def test_entries_spell_their_texts_by_name() -> None:
    entries = [
        {"type": "thinking", "thinking": "ghp_ab"},
        {"type": "thinking", "thinking": "cdef"},
        {"data": "x"},
    ]
    assert spelled_together(entries) == ("ghp_abcdef",)
    nested = [{"segment": {"text": "a"}}, {"segment": {"text": "b"}}]
    assert spelled_together(nested) == ("ab",)
    assert spelled_together(["a", "b"]) == ("ab",)


def test_what_says_one_thing_of_each_name_spells_nothing() -> None:
    assert (
        spelled_together([{"text": "a"}]) == spelled_together({"text": "a"}) == spelled_together("ab") == ()
    )


def test_a_field_repeats_a_text_that_it_is_part_of_or_holds() -> None:
    assert repeats([{"thinking": "half of"}], ("the first half of it",))
    assert repeats({"note": "it says: secret!"}, ("secret",))
    assert not repeats([{"type": "thinking", "thinking": "other"}], ("the type is thinking",))
    assert not repeats([{"text": "it"}], ("it is",))
    assert not repeats([{"text": "anything"}], ())

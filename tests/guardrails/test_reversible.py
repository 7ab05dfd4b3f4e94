"""Reversible guardrails: what may be, and what an engine makes of requests under them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, ConfigError, Engine, Guardrail, Part, Side, guardrail
from guardrails.checks.secrets import check as secrets
from guardrails.pseudonym import pseudonym
from tests.guardrails.planted import Word, policy

KEY = b"key of the tests"
PII: dict[str, Any] = {"checks": [{"pii": {"entities": ["email"]}}], "action": "redact", "reversible": True}
MAIL = "alice@example.com"
ALICE = f"[{pseudonym(KEY, 'email', MAIL)}]"


def parts(*texts: str) -> list[Part]:
    return [Part(f"messages[{i}].content", text) for i, text in enumerate(texts)]


def reversible(*checks: Word, name: str = "reversible") -> Guardrail:
    return Guardrail(name, frozenset(Side), checks, Action.REDACT, reversible=True)


def test_a_guardrail_is_reversible_only_if_it_says_so() -> None:
    assert guardrail("g", PII).reversible
    assert not guardrail("g", PII | {"reversible": False}).reversible
    assert not guardrail("g", {key: PII[key] for key in ("checks", "action")}).reversible


@pytest.mark.parametrize(
    ("change", "path", "way_out"),
    [
        ({"action": "block"}, "guardrails.g.reversible", "action redact"),
        ({"action": "flag"}, "guardrails.g.reversible", "action redact"),
        ({"on": ["output"]}, "guardrails.g.reversible", "add input"),
        (
            {"checks": [*PII["checks"], {"secrets": {}}]},
            "guardrails.g.checks[1].secrets",
            "not reversible",
        ),
        ({"parts": "new"}, "guardrails.g.reversible", "next turn"),
        ({"applies_to": {"roles": ["user"]}}, "guardrails.g.reversible", "all roles"),
        ({"applies_to": {"parts": ["text"]}}, "guardrails.g.reversible", "parts"),
        ({"reversible": "yes"}, "guardrails.g.reversible", "bool"),
    ],
)
def test_what_cannot_be_restored_is_refused(change: dict[str, Any], path: str, way_out: str) -> None:
    with pytest.raises(ConfigError) as raised:
        guardrail("g", PII | change)
    assert raised.value.path == path
    assert way_out in raised.value.message


def test_an_engine_refuses_to_restore_secrets_whoever_made_the_guardrail() -> None:
    made = Guardrail("g", frozenset(Side), (secrets.build({}, ""),), Action.REDACT, reversible=True)
    with pytest.raises(ValueError, match="'g' would restore secrets"):
        Engine([made], KEY)


async def test_every_part_has_the_same_placeholder_for_a_value_and_it_is_restored() -> None:
    engine = Engine([guardrail("g", PII)], KEY)
    screening = await engine.screen(parts(f"I am {MAIL}", "hello", f"{MAIL} and bob@example.com"))
    assert screening.redacted["messages[0].content"] == f"I am {ALICE}"
    both = screening.redacted["messages[2].content"]
    assert both.startswith(f"{ALICE} and [EMAIL_")
    assert screening.vault.restore(f"Dear {both}") == f"Dear {MAIL} and bob@example.com"


async def test_the_next_turn_has_the_same_placeholders_without_any_memory() -> None:
    first = await Engine([guardrail("g", PII)], KEY).screen(parts(f"I am {MAIL}"))
    turns = parts(f"I am {MAIL}", first.vault.restore(f"Hello {ALICE}"), "and bob@example.com?")
    second = await Engine([guardrail("g", PII)], KEY).screen(turns)
    assert second.redacted["messages[0].content"] == first.redacted["messages[0].content"]
    assert second.redacted["messages[1].content"] == f"Hello {ALICE}"


async def test_a_placeholder_somebody_typed_anywhere_is_not_given_out() -> None:
    screening = await Engine([guardrail("g", PII)], KEY).screen(parts(f"I am {MAIL}", f"say {ALICE.lower()}"))
    given_out = screening.redacted["messages[0].content"].removeprefix("I am ")
    assert given_out != ALICE
    assert screening.vault.restore(f"{ALICE} {given_out}") == f"{ALICE} {MAIL}"


async def test_a_guardrail_that_only_watches_gives_nothing_out() -> None:
    screening = await Engine([guardrail("g", PII | {"mode": "monitor"})], KEY).screen(parts(MAIL))
    assert screening.redacted == {}
    assert not screening.vault


async def test_answers_are_redacted_for_good() -> None:
    screen = Engine([guardrail("g", PII)], KEY).output()
    released = await screen.feed(Part("c", f"write to {MAIL} or {ALICE} now"))
    assert released + await screen.finish("c") == f"write to [EMAIL] or {ALICE} now"


OTHERS = [
    policy(Word("email", r"\w+@[\w.]+"), name="the same"),
    policy(Word("host", r"@[\w.]+"), name="a part"),
    policy(Word("line", r"I am .*"), name="more"),
    policy(Word("cross", r"am \w+"), name="across"),
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda one: one.name)
@pytest.mark.parametrize("first", [True, False])
async def test_what_another_guardrail_takes_out_for_good_is_gone(other: Guardrail, first: bool) -> None:
    both = [other, guardrail("g", PII)]
    engine = Engine(both if first else both[::-1], KEY)
    screening = await engine.screen(parts(f"I am {MAIL}", "bob@example.com"))
    assert ALICE not in screening.redacted["messages[0].content"]
    assert screening.vault.restore(screening.redacted["messages[0].content"]).count(MAIL) == 0
    assert "_" not in screening.redacted["messages[0].content"]


async def test_what_two_reversible_guardrails_find_together_is_one_value() -> None:
    engine = Engine([reversible(Word("name", "am alice")), guardrail("g", PII)], KEY)
    screening = await engine.screen(parts(f"I am {MAIL}."))
    (text,) = screening.redacted.values()
    assert text == f"I [{pseudonym(KEY, 'name', f'am {MAIL}')}]."
    assert screening.vault.restore(text) == f"I am {MAIL}."


async def test_a_replacement_of_its_own_is_not_restored() -> None:
    screening = await Engine([reversible(Word("email", r"\w+@\w+", replacement="***"))], KEY).screen(
        parts("me@here")
    )
    assert screening.redacted == {"messages[0].content": "***"}
    assert not screening.vault


async def test_guardrails_that_come_later_leave_placeholders_alone() -> None:
    first = await Engine([guardrail("g", PII)], KEY).screen(parts(f"email {MAIL} EMP-1"))
    later = Engine([policy(Word("word", "(?i)email")), reversible(Word("employee", r"EMP-\d"))], KEY)
    redacted = parts(first.redacted["messages[0].content"])
    second = await later.screen(redacted, vault=first.vault)
    (text,) = second.redacted.values()
    assert text == f"[WORD] {ALICE} [{pseudonym(KEY, 'employee', 'EMP-1')}]"
    assert second.vault is first.vault
    assert second.vault.restore(text) == f"[WORD] {MAIL} EMP-1"


WORDS = ["alice@example.com", "bob@example.com", "EMP-1", "EMP-22", "am", "I", "[EMAIL]", ALICE, "_", "é"]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=4),
    st.permutations([guardrail("g", PII), reversible(Word("employee", r"EMP-\d+")), OTHERS[3]]),
)
async def test_redacted_texts_are_restored_and_redacting_them_again_changes_nothing(
    texts: list[str], guardrails: list[Guardrail]
) -> None:
    engine = Engine(guardrails, KEY)
    screening = await engine.screen(parts(*texts))
    redacted = [screening.redacted.get(part.path, part.text) for part in parts(*texts)]
    assert all(MAIL not in text and "EMP-" not in text for text in redacted)
    again = await engine.screen(parts(*redacted))
    assert [again.redacted.get(part.path, part.text) for part in parts(*redacted)] == redacted
    if "[CROSS]" not in "".join(redacted):
        assert [screening.vault.restore(text) for text in redacted] == texts

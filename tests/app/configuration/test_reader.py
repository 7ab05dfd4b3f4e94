import hashlib
import pickle
from pathlib import Path

import pytest

from app.configuration.problems import InvalidConfiguration
from app.configuration.reader import BUILT_IN, Configuration, Overrides, Source, configure, find
from app.secret import Secret
from app.settings import ProviderSettings, Settings

EVERYTHING = """\
server: {port: "${PORT}", max_body_bytes: 1000}
providers:
  openai: {kind: openai, api_key: "${OPENAI_API_KEY}", models: [gpt-5-mini]}
guardrails:
  privacy:
    on: [input, output]
    checks: [{pii: {entities: [email]}}]
    action: redact
  strict: {on: [input], checks: [{words: {deny: [foo]}}], action: block, default: false}
keys:
  team-a: {hash: "sha256:HASH", guardrails: [strict]}
records: {url: "sqlite:///other.db", content: none}
log: {level: warning}
fingerprint_key: "${FINGERPRINT}"
""".replace("HASH", "a" * 64)
ENVIRON = {"PORT": "9999", "OPENAI_API_KEY": "sk-hunter2", "FINGERPRINT": "f" * 32}


def said_about(text: str, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(InvalidConfiguration) as caught:
        configure(Source("handrail.yaml", text), environ or {})
    return str(caught.value).splitlines()


def test_a_file_becomes_a_configuration() -> None:
    configuration = configure(Source("handrail.yaml", EVERYTHING), ENVIRON)
    settings = configuration.settings
    assert (settings.server.port, settings.server.max_body_bytes) == (9999, 1000)
    assert settings.providers["openai"].api_key == Secret("sk-hunter2")
    assert settings.keys["team-a"].guardrails == ("strict",)
    privacy, strict = configuration.guardrails
    assert (privacy.name, privacy.default, strict.name, strict.default) == ("privacy", True, "strict", False)


def test_no_secret_shows_in_what_a_configuration_prints() -> None:
    configuration = configure(Source("handrail.yaml", EVERYTHING), ENVIRON)
    assert "hunter2" not in repr(configuration)
    assert "f" * 32 not in repr(configuration)


def test_the_version_is_the_hash_of_the_text_and_not_of_secrets() -> None:
    source = Source("handrail.yaml", EVERYTHING)
    versions = {configure(source, ENVIRON | {"OPENAI_API_KEY": key}).version for key in ("one", "two")}
    assert versions == {hashlib.sha256(EVERYTHING.encode()).hexdigest()[:16]}


def test_mistakes_of_every_kind_are_said_at_once_in_the_order_of_the_file() -> None:
    text = (
        "server:\n  prot: 1\n"
        'providers:\n  a: {kind: openai, api_key: "${NOPE}"}\n'
        "guardrails:\n  g: {checks: [], action: block, on: []}\n  h: 7\n"
        "version: abc\n"
    )
    assert said_about(text) == [
        "handrail.yaml:2: server.prot: is no setting; did you mean port?",
        "handrail.yaml:4: providers.a.api_key: the environment variable NOPE is not set",
        "handrail.yaml:6: guardrails.g.on: give input, output or both",
        "handrail.yaml:6: guardrails.g.checks: give at least one check",
        "handrail.yaml:7: guardrails.h: expected a mapping, got a number",
        f"handrail.yaml:8: version: is no setting; there are {', '.join(sorted(Settings.__struct_fields__))}",
    ]


def test_broken_rules_are_said_with_their_line() -> None:
    said = said_about("keys:\n  k:\n    hash: sha256:" + "a" * 64 + "\n    guardrails:\n    - nope\n")
    assert said == ["handrail.yaml:5: keys.k.guardrails[0]: no guardrail is named nope; there are: none"]


def test_what_is_no_yaml_is_said_with_its_line() -> None:
    assert said_about("a: 1\nb: [\n")[0].startswith("handrail.yaml:3: no YAML")


def test_a_guardrail_never_shows_what_the_environment_holds() -> None:
    text = 'guardrails: {g: {checks: [{pii: {entities: ["${WHAT}"]}}], action: "${ACTION}"}}'
    said = said_about(text, {"WHAT": "hunter2", "ACTION": "hunter2"})
    assert said
    assert "hunter2" not in str(said)


def test_the_command_line_takes_the_place_of_the_file_before_rules_are_asked() -> None:
    source = Source("handrail.yaml", "server: {host: 0.0.0.0, port: 1, workers: 3}")
    given = configure(source, {}, Overrides(host="127.0.0.1", port=2)).settings.server
    assert (given.host, given.port, given.workers) == ("127.0.0.1", 2, 3)
    with pytest.raises(InvalidConfiguration, match=r"server\.host"):
        configure(Source("handrail.yaml"), {}, Overrides(host="0.0.0.0"))


def providers_of(environ: dict[str, str]) -> dict[str, ProviderSettings]:
    return configure(Source(BUILT_IN), environ).settings.providers


def test_without_a_file_providers_come_from_openais_variables() -> None:
    openai = ProviderSettings(kind="openai", api_key=Secret("sk"))
    assert providers_of({"OPENAI_API_KEY": "sk"}) == {"openai": openai}
    assert providers_of({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})["openai"].api_key is None
    both = providers_of({"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
    assert both["openai"].base_url == "http://127.0.0.1:1/v1"
    assert providers_of({}) == providers_of({"OPENAI_API_KEY": ""}) == {}


def test_a_file_decides_alone_which_providers_there_are() -> None:
    assert configure(Source("handrail.yaml"), {"OPENAI_API_KEY": "sk"}).settings.providers == {}


def test_a_named_file_comes_before_the_environments_and_that_before_the_folders(tmp_path: Path) -> None:
    for name in ("named.yaml", "from-environment.yaml", "handrail.yaml"):
        (tmp_path / name).write_text(f"# {name}\n")
    environ = {"HANDRAIL_CONFIG": str(tmp_path / "from-environment.yaml")}
    named = str(tmp_path / "named.yaml")
    assert find(named, environ, tmp_path) == Source(named, "# named.yaml\n")
    assert find(None, environ, tmp_path).text == "# from-environment.yaml\n"
    assert find(None, {}, tmp_path) == Source("handrail.yaml", "# handrail.yaml\n")
    assert find(None, {}, tmp_path / "empty") == Source(BUILT_IN)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "handrail.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidConfiguration, match=str(path)):
        find(str(path), {}, tmp_path)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "handrail.yaml"
    path.write_bytes(b"\xef\xbb\xbfserver: {port: 1}\n")
    assert find(str(path), {}, tmp_path).text == "server: {port: 1}\n"


def test_what_workers_are_handed_can_be_pickled() -> None:
    handed = (Source("f", "a: 1"), Overrides(port=1))
    assert pickle.loads(pickle.dumps(handed)) == handed


def test_a_configuration_is_frozen() -> None:
    with pytest.raises(AttributeError):
        configure(Source(BUILT_IN), {}).source = "other"  # type: ignore[misc]
    assert Configuration.__struct_config__.frozen


def test_equal_checks_of_two_guardrails_are_one() -> None:
    text = "guardrails: {a: {checks: [{pii: {}}], action: flag}, b: {checks: [{pii: {}}], action: redact}}"
    one, two = configure(Source("handrail.yaml", text), {}).guardrails
    assert one.checks[0] is two.checks[0]


@pytest.mark.parametrize("entry", ["privacy:", "privacy: ~", "privacy: {}"])
def test_a_guardrail_without_content_is_no_guardrail(entry: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"guardrails\.privacy: `checks` is missing"):
        configure(Source("handrail.yaml", f"guardrails:\n  {entry}\n"), {})

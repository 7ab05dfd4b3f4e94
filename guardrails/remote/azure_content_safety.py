"""The `azure_content_safety` check: Azure AI Content Safety on harms, attacks on the prompt, and known texts.

    azure_content_safety:
      url: https://my-resource.cognitiveservices.azure.com
      api_key: ${CONTENT_SAFETY_KEY}
      severities: {hate: 2, violence: 4}
      prompt_shield: true

Three questions of its REST API (2024-09-01), each asked where it makes sense and where it was wanted:

- `text:analyze` about every text: hate, self-harm, sexual content and violence with a severity of 0 to 7, and
  the operator's block lists;
- `text:shieldPrompt` about what users say (an attack by the user) and what tools answer (an attack by a
  document);
- `text:detectProtectedMaterial` about answers of at least 110 characters, which is its own least.

It takes no more than 10,000 characters at once: longer texts go in pieces that overlap. Resources are named
by key; Entra ID tokens are not fetched for this check.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError, decode
from guardrails.part import Part, PartKind
from guardrails.remote.context import is_answer
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.finding import Unit, about
from guardrails.remote.questions import Questions
from guardrails.remote.quoted import quoted
from guardrails.remote.service import Services, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings
from guardrails.remote.together import together

_API_VERSION = "2024-09-01"
_MAX_CHARS = 10_000
_OVERLAP = 500
"""Characters that two pieces share, so that what stands at a border is seen whole: a few sentences."""
_LEAST_PROTECTED = 110
_HIGHEST = 7
_MEDIUM = 4

_CATEGORIES = {"hate": "Hate", "self_harm": "SelfHarm", "sexual": "Sexual", "violence": "Violence"}
_Severity = Annotated[int, msgspec.Meta(ge=1, le=_HIGHEST)]


class Severities(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From which severity on a harm counts: 2 low, 4 medium, 6 high; null: it is not looked for."""

    hate: _Severity | None = None
    self_harm: _Severity | None = None
    sexual: _Severity | None = None
    violence: _Severity | None = None


class AzureContentSafetyConfig(ServiceSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which resource is asked, and about what."""

    severities: Severities = Severities(hate=_MEDIUM, self_harm=_MEDIUM, sexual=_MEDIUM, violence=_MEDIUM)
    """All from medium on, unless given; then only those given."""
    blocklists: tuple[str, ...] = ()
    """Names of lists that belong to the resource."""
    prompt_shield: bool = False
    protected_material: bool = False
    unit: Unit = "text"


class _Severe(msgspec.Struct):
    category: str
    severity: Annotated[int, msgspec.Meta(ge=0, le=_HIGHEST)]


class _Listed(msgspec.Struct, rename="camel"):
    blocklist_name: str
    blocklist_item_text: str = ""


class _Analysis(msgspec.Struct, rename="camel"):
    categories_analysis: list[_Severe]
    blocklists_match: list[_Listed] = []


class _Attack(msgspec.Struct, rename="camel"):
    attack_detected: bool


class _Shield(msgspec.Struct, rename="camel"):
    user_prompt_analysis: _Attack | None = None
    documents_analysis: list[_Attack] | None = None


class _Detected(msgspec.Struct):
    detected: bool


class _Protected(msgspec.Struct, rename="camel"):
    protected_material_analysis: _Detected


_Ask = Callable[[str], Awaitable[Sequence[Match]]]


class AzureContentSafetyCheck:
    """Finds what Azure's service finds; a finding is all of a passage, or a piece of a long one.

    Args:
        config: who is asked about what.
        path: of the configuration, for errors.
        services: how it is asked.
    """

    kind = "azure_content_safety"
    redactable = True

    def __init__(self, config: AzureContentSafetyConfig, path: str, services: Services) -> None:
        self.unit: Unit = config.unit
        self._config = config
        self._severities: dict[str, int] = {
            rule: severity
            for rule, severity in msgspec.structs.asdict(config.severities).items()
            if severity is not None
        }
        there = msgspec.structs.replace(config, url=f"{config.url}?api-version={_API_VERSION}")
        self._analyze, self._shield, self._protected = (
            Endpoint(
                there,
                path,
                services.send,
                route=f"/contentsafety/text:{operation}",
                key_header="ocp-apim-subscription-key",
                key_prefix="",
            )
            for operation in ("analyze", "shieldPrompt", "detectProtectedMaterial")
        )
        self._questions = Questions(config, services.key)

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match for each thing that is found.

        Raises:
            ServiceError: the service could not be asked, or answered something else.
        """
        text = passage.text
        asks = self._asks(passage.part) if text.strip() else []
        if not asks:
            return ()

        async def ask() -> Sequence[Match]:
            found = await together([(start, one) for start in _starts(text) for one in asks], asked)
            return sorted(found, key=lambda match: (match.start, match.end))

        async def asked(one: tuple[int, _Ask]) -> Sequence[Match]:
            start, ask_about = one
            found = await ask_about(text[start : start + _MAX_CHARS])
            return [_moved(match, start) for match in found]

        return await self._questions.answer((passage.part.role, passage.part.kind.value, text), ask)

    def _asks(self, part: Part) -> list[_Ask]:
        asks: list[_Ask] = []
        if self._severities or self._config.blocklists:
            asks.append(self._analyzed)
        if self._config.prompt_shield and not is_answer(part):
            if part.kind is PartKind.TOOL_RESULT:
                asks.append(self._shielded_document)
            elif part.role == "user":
                asks.append(self._shielded_prompt)
        if self._config.protected_material and is_answer(part):
            asks.append(self._recognised)
        return asks

    async def _analyzed(self, text: str) -> Sequence[Match]:
        question = {
            "text": text,
            "categories": [_CATEGORIES[rule] for rule in self._severities or _CATEGORIES],
            "blocklistNames": self._config.blocklists,
            "outputType": "EightSeverityLevels",
        }
        answer = await self._analyze.ask(question, _Analysis)
        severities = {one.category: one.severity for one in answer.categories_analysis}
        matches = []
        for rule, least in self._severities.items():
            severity = severities.get(_CATEGORIES[rule])
            if severity is None:
                raise UnsoundAnswer("leaves out a category that was asked about")
            if severity >= least:
                matches.append(about(text, rule, severity / _HIGHEST))
        for listed in answer.blocklists_match:
            matches += quoted(text, listed.blocklist_item_text, listed.blocklist_name)
        return matches

    async def _shielded_prompt(self, text: str) -> Sequence[Match]:
        answer = await self._shield.ask({"userPrompt": text, "documents": []}, _Shield)
        if answer.user_prompt_analysis is None:
            raise UnsoundAnswer("does not say whether the prompt is an attack")
        return [about(text, "prompt_attack")] if answer.user_prompt_analysis.attack_detected else []

    async def _shielded_document(self, text: str) -> Sequence[Match]:
        answer = await self._shield.ask({"userPrompt": "", "documents": [text]}, _Shield)
        if not answer.documents_analysis:
            raise UnsoundAnswer("does not say whether the document is an attack")
        attacked = any(one.attack_detected for one in answer.documents_analysis)
        return [about(text, "document_attack")] if attacked else []

    async def _recognised(self, text: str) -> Sequence[Match]:
        if len(text) < _LEAST_PROTECTED:
            return []
        answer = await self._protected.ask({"text": text}, _Protected)
        return [about(text, "protected_material")] if answer.protected_material_analysis.detected else []


def build(config: object, path: str, services: Services) -> AzureContentSafetyCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: nothing is asked, or the address holds a query.
    """
    decoded = decode(AzureContentSafetyConfig, config, path)
    if "?" in decoded.url:
        raise ConfigError(f"{path}.url", "give the endpoint of the resource, without a query")
    check = AzureContentSafetyCheck(decoded, path, services)
    if decoded.severities == Severities() and not (
        decoded.blocklists or decoded.prompt_shield or decoded.protected_material
    ):
        raise ConfigError(f"{path}.severities", "nothing is asked; give a severity, or ask something else")
    return check


def _starts(text: str) -> range:
    """Return where the pieces of a text begin."""
    return range(0, max(1, len(text) - _OVERLAP), _MAX_CHARS - _OVERLAP)


def _moved(match: Match, start: int) -> Match:
    return msgspec.structs.replace(match, start=match.start + start, end=match.end + start)

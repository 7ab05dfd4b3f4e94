"""The engine: a selection of guardrails, ready to screen any number of exchanges.

It looks at requests whole (`screen`) and hands out one `OutputScreen` per answer (`output`). Both ask panels,
so a text is judged alike on either side, and whole or in pieces.

*Enforcing* guardrails (mode `enforce`, action `block` or `redact`) may stop or change a text. All others only
observe: they never hold a text back, change it or end an exchange, not even by failing, whatever their
`on_error` says. Nor may they delay one, so nothing on the way of an exchange asks them: they are asked by
`Engine.observe` and `OutputScreen.close`, which whoever calls awaits once the answer has gone out. The price:
a check that an enforcing and an observing guardrail share is asked twice.

Between the two are *telling* guardrails: they flag, and a caller is told (Portkey's `deny: false`, status
246). To be told in time they must be heard in time: with the enforcing ones about a request, and about an
answer when it is complete, before its end goes out (`OutputScreen.tell`).
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from guardrails.asking import Outcome
from guardrails.check import Subject, Writes
from guardrails.conversation import NOTHING_KNOWN, Conversation
from guardrails.division import Division
from guardrails.evidence import Evidence, in_order
from guardrails.guardrail import Guardrail
from guardrails.hearing import examine, hear, hear_rest
from guardrails.output_screen import OutputScreen
from guardrails.pace import Pace
from guardrails.panel import Panel
from guardrails.part import Part
from guardrails.placing import NOTHING_COVERED, Covered, placed
from guardrails.redaction import Span, redact, spans
from guardrails.vault import Vault
from guardrails.verdict import Mode, Side, Verdict


class Screening(msgspec.Struct, frozen=True):
    """What the enforcing input guardrails say about a request."""

    verdicts: tuple[Verdict, ...]
    """One per enforcing or telling input guardrail, in order; those of the observing ones come with
    `Engine.observe`."""
    redacted: dict[str, str]
    """Path to new text, of the parts that enforced redactions change; all else in a request stays."""
    blocked: Verdict | None
    """The first verdict that ends the exchange."""
    vault: Vault
    """What stands for what in the new texts; it restores the answer."""
    covered: Covered = NOTHING_COVERED
    """What the new texts leave out of the texts as they came, by path."""
    earlier: Sequence[Covered] = ()
    """What had been left out of the texts that were screened, before."""
    rest: "Callable[[], Awaitable[Screening]] | None" = None
    """Asks the remote checks that were deferred, if there are any. Nothing of an answer may go out before it
    has returned, and the screening that it returns takes the place of this one."""


class Engine:
    """Guardrails, compiled. Immutable; build one per selection of guardrails and share it.

    Args:
        guardrails: in order of precedence.
        fingerprint_key: secret key of the fingerprints of findings, and of pseudonyms; under equal keys equal
        values can be matched up.

    Raises:
        ValueError: a guardrail would redact by a check that covers no characters, or restore secrets.
        re2.error: a trigger of a check is no RE2 pattern.
    """

    def __init__(self, guardrails: Sequence[Guardrail], fingerprint_key: bytes) -> None:
        self._key = fingerprint_key
        self._input = Division(guardrails, Side.INPUT)
        self._output = Division(guardrails, Side.OUTPUT)
        self.prefixes = tuple(
            check.prefix
            for guardrail in guardrails
            if guardrail.mode is Mode.ENFORCE and Side.INPUT in guardrail.on
            for check in guardrail.checks
            if isinstance(check, Writes)
        )
        """What is to be written into requests that are not blocked, in order."""
        self.needs_conversation = any(panel.needs_conversation for panel in self._panels)
        """Whether any check looks at more than texts; if none does, nobody needs to know the conversation."""

    @property
    def hears_texts_alone(self) -> bool:
        """Whether its verdicts depend on nothing but the texts, and all of them are there in time."""
        return not (self._input.observing or self._output.observing or self.needs_conversation)

    @property
    def observes_input(self) -> bool:
        """Whether any guardrail only observes requests; if none does, `observe` adds nothing."""
        return bool(self._input.observing)

    @property
    def examines_requests(self) -> bool:
        """Whether any check looks at more of requests than texts; if none does, `examine` does nothing."""
        return bool(self._input.enforcing.examination or self._input.observing.examination)

    @property
    def reads_requests(self) -> bool:
        """Whether any enforcing check must be able to read the texts of a request."""
        panel = self._input.enforcing
        return bool(panel.local or panel.remote or panel.examination.reads_texts)

    @property
    def headers(self) -> frozenset[str]:
        """Names of the request's headers that checks read, in small letters."""
        return frozenset().union(*(panel.headers for panel in self._panels))

    @property
    def _panels(self) -> tuple[Panel, ...]:
        sides = (self._input, self._output)
        return tuple(panel for one in sides for panel in (one.enforcing, one.telling, one.observing))

    async def screen(
        self,
        parts: Sequence[Part],
        conversation: Conversation = NOTHING_KNOWN,
        *,
        vault: Vault | None = None,
        earlier: Sequence[Covered] = (),
        defers: bool = False,
    ) -> Screening:
        """Screen a request: every part by every enforcing input guardrail, and report all findings.

        Local checks come first. If they block, no remote check is asked; else all remote checks are asked
        together, and the first of them that blocks cancels the others. A guardrail whose remote check was not
        asked, or was cancelled, has no error: its verdict is what its other checks amount to (`pass` if they
        found nothing), marked as not `complete`.

        The event loop runs in between, however many parts there are.

        Args:
            parts: of the request.
            conversation: what is known of it.
            vault: of an earlier screening of this request, by other guardrails; what stands for what in its
            new texts is left alone, and goes on to be restored.
            earlier: what that one covered, where `parts` have its new texts, and behind it what others did
            that heard those: findings tell where they stand in the texts as they came.
            defers: whether remote checks of guardrails that allow it are left to `Screening.rest`; not where
            something was covered earlier.
        """
        defers = defers and not earlier
        screening = await self._screen(
            _request(parts, conversation), vault, examines=True, defers=defers, local=False
        )
        return _placed(screening, earlier) if earlier else screening

    async def screen_texts(
        self,
        parts: Sequence[Part],
        conversation: Conversation = NOTHING_KNOWN,
        *,
        vault: Vault | None = None,
        local: bool = False,
    ) -> Screening:
        """Screen texts that belong to a request and are none, as `screen` does.

        Checks about exchanges are not asked: `screen` asks them about the request. Nor are remote ones where
        `local`: for names, which say nothing to a judge.
        """
        subject = Subject(Side.INPUT, conversation, tuple(parts))
        return await self._screen(subject, vault, examines=False, local=local)

    async def examine(self, conversation: Conversation) -> Screening:
        """Ask the enforcing input checks about exchanges again: it turned out that another model is asked.

        Args:
            conversation: as it is now, its parts included.

        Returns:
            What the guardrails say that have such checks, from those alone.
        """
        panel = self._input.enforcing.of(conversation)
        evidence = Evidence(panel, Side.INPUT, self._key)
        await examine(panel, _request(conversation.parts, conversation), evidence)
        verdicts = evidence.verdicts()
        blocked = next((verdict for verdict in verdicts if verdict.blocked), None)
        return Screening(verdicts, {}, blocked, Vault(self._key))

    async def observe(
        self,
        parts: Sequence[Part],
        screening: Screening,
        conversation: Conversation = NOTHING_KNOWN,
        targets: Sequence[Conversation] = (),
    ) -> tuple[Verdict, ...]:
        """Let the observing input guardrails look at a request, and return what all input guardrails say.

        Await it when the answer has gone out: remote checks may take up to their timeout. Observing
        guardrails look at all of a request, also where an enforcing one has blocked it.

        Args:
            parts: of the request as it came, those that `screen` was given.
            screening: what `screen` made of them.
            conversation: as `screen` knew it.
            targets: what `examine` was asked about.

        Returns:
            One verdict per input guardrail, in order; those of the enforcing ones are the screening's.
        """
        panel = self._input.observing.of(conversation)
        evidence = Evidence(panel, Side.INPUT, self._key)
        if self.observes_input:
            await hear(panel, _request(parts, conversation), evidence)
            for target in targets:
                await examine(panel, _request(target.parts, target), evidence)
        observed = _back(evidence.verdicts(), screening.earlier)
        return in_order(self._input.order, screening.verdicts, (), observed)

    def output(self, conversation: Conversation = NOTHING_KNOWN, *, whole: bool = False) -> OutputScreen:
        """Return what screens one answer.

        Args:
            conversation: that it answers.
            whole: the caller gets nothing before all of it, so each text is held to its end and scanned once.
                What is found and released in the end is the same.
        """
        output = self._output
        return OutputScreen(
            output.enforcing.of(conversation),
            output.telling,
            output.observing,
            output.order,
            self._key,
            conversation,
            whole=whole,
        )

    async def _screen(
        self, subject: Subject, vault: Vault | None, *, examines: bool, defers: bool = False, local: bool
    ) -> Screening:
        parts, panel = subject.parts, self._input.enforcing.of(subject.conversation)
        if not panel:
            return Screening((), {}, None, Vault(self._key) if vault is None else vault)
        evidence = Evidence(panel, Side.INPUT, self._key)
        outcomes = await hear(panel, subject, evidence, examines=examines, defers=defers, local=local)
        vault = Vault(self._key) if vault is None else vault
        if panel.restores and any(outcomes):
            vault.note(part.text for part in parts)
        redacted: dict[str, str] = {}
        left_out: dict[str, tuple[Span, ...]] = {}
        incomplete: set[int] = set()
        pace = Pace()
        for part, outcome in zip(parts, outcomes, strict=True):
            if not (outcome or panel.remote):
                continue
            matches = panel.redactions(outcome, reversible=False)
            covered = spans(matches, panel.redactions(outcome, reversible=True))
            if covered := vault.pseudonymised(part.text, covered):
                redacted[part.path] = redact(part.text, covered)
                left_out[part.path] = tuple(covered)
            incomplete |= panel.unheard(outcome, panel.audience(part))
            await pace.keep(len(part.text))
        verdicts = evidence.verdicts(incomplete=incomplete)
        blocked = next((verdict for verdict in verdicts if verdict.blocked), None)
        screening = Screening(verdicts, redacted, blocked, vault, left_out)
        if not (defers and panel.beside and blocked is None):
            return screening
        return msgspec.structs.replace(
            screening, rest=lambda: _heard_rest(screening, panel, parts, evidence, outcomes)
        )


def _placed(screening: Screening, earlier: Sequence[Covered]) -> Screening:
    """Return a screening of redacted texts with its findings placed in the texts as they came."""
    verdicts = _back(screening.verdicts, earlier)
    blocked = next((verdict for verdict in verdicts if verdict.blocked), None)
    return msgspec.structs.replace(screening, verdicts=verdicts, blocked=blocked, earlier=earlier)


def _back(verdicts: tuple[Verdict, ...], earlier: Sequence[Covered]) -> tuple[Verdict, ...]:
    for covered in reversed(earlier):
        verdicts = placed(verdicts, covered)
    return verdicts


async def _heard_rest(
    screening: Screening,
    panel: Panel,
    parts: Sequence[Part],
    evidence: Evidence,
    outcomes: Sequence[dict[int, Outcome]],
) -> Screening:
    later = await hear_rest(panel, parts, evidence)
    incomplete: set[int] = set()
    for part, before, behind in zip(parts, outcomes, later, strict=True):
        incomplete |= panel.unheard({**before, **behind}, panel.audience(part))
    verdicts = evidence.verdicts(incomplete=incomplete)
    blocked = next((verdict for verdict in verdicts if verdict.blocked), None)
    return msgspec.structs.replace(screening, verdicts=verdicts, blocked=blocked)


def _request(parts: Sequence[Part], conversation: Conversation) -> Subject:
    return Subject(Side.INPUT, conversation, tuple(parts), conversation.calls)

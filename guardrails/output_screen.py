"""The output screen: everything one answer says, on its way to the caller.

An answer is many texts (choices, channels, tool arguments) that grow side by side. Each has a window of its
own, and what a window lets go is screened as a run, redacted and released. That a stream is judged like the
whole text follows from the law of checks (`guardrails/check.py`); what is added here must keep it:

- A block ends the screening where it stands in the text, not where its run happens to end: findings that
  begin behind the first blocking one do not count, and what observing guardrails see of that text ends there
  too. Nothing of the run is released.
- Observing guardrails look at what was screened only when the answer is over, as whole texts, so they can
  neither hold nor delay anything. (A window for them would find the same, earlier, at the price of a scan a
  token.) Telling ones do so before its end goes out (`tell`): they delay the end, and nothing before it.
- What remote checks are asked about waits behind a gate (`guardrails/gate.py`) until they have spoken.
- Where an error blocks, it does so at the start of the run it happened in. How far that is into the text may
  depend on the chunks, as may everything about errors: the slow and the broken are not bound by laws.

- Checks about the exchange as a whole are asked about tool calls before these go out (`examine`), and about
  the whole answer before any of it does (`complete`), where an enforcing one reads texts.

With several texts at once all this holds for each by itself; how far the others had come when one was blocked
depends on how they were interleaved.
"""

import time
from collections.abc import Mapping, Sequence

import msgspec

from guardrails.answer_text import AnswerText
from guardrails.asking import Outcome
from guardrails.check import Run, Subject
from guardrails.conversation import Conversation, ToolCall
from guardrails.coverage import Coverage
from guardrails.evidence import Evidence, in_order
from guardrails.gate import NOWHERE, Gate
from guardrails.observers import Observers
from guardrails.panel import Panel
from guardrails.part import Part
from guardrails.redaction import redact, spans
from guardrails.verdict import Decision, Side, Verdict


class OutputScreen:
    """The screening of one answer. Made by `Engine.output`; one task at a time may use it."""

    def __init__(  # noqa: PLR0913 (what there is to know before an answer comes)
        self,
        enforcing: Panel,
        telling: Panel,
        observing: Panel,
        order: Sequence[int],
        fingerprint_key: bytes,
        conversation: Conversation,
        *,
        whole: bool,
    ) -> None:
        self.holds_answer = enforcing.examination.reads_texts
        """Whether nothing of the answer may go out before `complete`, whatever `feed` and `finish` return."""
        self._passes = not (enforcing.local or enforcing.remote or self.holds_answer)
        """Whether nothing may hold or change a text."""
        self._holds_all = whole or self.holds_answer
        self._enforcing = enforcing
        self._telling = Observers(telling, fingerprint_key, conversation)
        self._observing = Observers(observing, fingerprint_key, conversation)
        self._keeps = bool(telling or observing or self.holds_answer)
        """Whether somebody hears texts again once they are complete."""
        self._order = order
        self._evidence = Evidence(enforcing, Side.OUTPUT, fingerprint_key)
        self._texts: dict[str, AnswerText] = {}
        self._calls: list[ToolCall] = []
        self._completed = not self.holds_answer
        self._ended = False
        self.coverage = Coverage()
        self.blocked: Verdict | None = None
        """The first verdict that ended the exchange; from then on nothing is released."""

    @property
    def active(self) -> bool:
        """Whether any guardrail looks at answers."""
        return bool(self._order)

    @property
    def enforcing(self) -> bool:
        """Whether any guardrail may block or redact answers; if not, `feed` returns what it is given."""
        return bool(self._enforcing)

    @property
    def observing(self) -> bool:
        """Whether any guardrail only observes answers; if none does, `close` has nobody to ask."""
        return bool(self._observing)

    @property
    def examines_calls(self) -> bool:
        """Whether any check looks at more of answers than texts; if none does, `examine` does nothing."""
        return bool(self._enforcing.examination or self._telling.examine or self._observing.examine)

    async def feed(self, part: Part) -> str:
        """Take the next fragment of the text at `part.path`; return what may be released of it by now.

        Raises:
            ValueError: this text was finished before. What its end let go might have been the first half of a
                match, so only empty fragments may follow.
        """
        if not self._order:  # once a chunk, so nothing is looked up or called
            coverage, length = self.coverage, len(part.text)
            coverage.received += length
            coverage.screened += length
            coverage.released += length
            return part.text
        self.coverage.received += len(part.text)
        if self.blocked is not None or (not part.text and part.path in self._texts):
            return ""
        if self._passes:
            if self._keeps:
                self._text(part).seen.append(part.text)
            self.coverage.screened += len(part.text)
            return self._release(part.text)
        text = self._text(part)
        if not text.is_heard:
            self._pass(text, part.text)
            return self._release(part.text)
        run = text.run(text.window.feed(part.text), last=False)
        if text.window.failures:
            self._note_failures(text)
            if self._has_blocked():
                return ""
        return await self._screen(text, run) if run.text else ""

    async def finish(self, path: str) -> str:
        """End the text at a path; return what may be released of its rest. A text never begun has none."""
        text = self._texts.get(path)
        if text is None or text.finished or self.blocked is not None:
            return ""
        text.finished = True
        if not text.is_heard:
            return ""
        # An empty last run is asked about too: a check may have been waiting for the end.
        return await self._screen(text, text.run(text.window.finish(), last=True))

    async def examine(self, calls: Sequence[ToolCall]) -> None:
        """Take tool calls that are complete; none of them may go out before, nor if this has `blocked`."""
        if not calls or not self.examines_calls or self.blocked is not None:
            return
        self._calls.extend(calls)
        await self._ask(self._enforcing.examination.of_calls, ())

    async def complete(self) -> None:
        """Take note that the whole answer has come and every text of it is finished, or it was in vain.

        Where `holds_answer`, whoever calls has sent nothing of it yet, and sends nothing if this has
        `blocked`.
        """
        self._ended = True
        if self._completed or self.blocked is not None:
            return
        self._completed = True
        await self._ask(self._enforcing.examination.of_answer, self._seen())
        if self._has_blocked():
            self.coverage.screened = self.coverage.released = 0

    async def tell(self) -> None:
        """Let telling guardrails hear the answer; only then is it known what a caller is told of them.

        Await it when all of the answer has come, before its end goes out. Of a blocked one nothing is told.
        """
        if self.blocked is None:
            await self._telling.hear(self._seen(), self._calls)

    async def close(self) -> None:
        """End the answer: observing guardrails look at what was screened. Unfinished texts end here.

        Await it when the answer has gone out, for observing guardrails may take up to their timeout. Call it
        also for an answer that broke off, or its observers have seen nothing (their verdicts say so: they are
        not `complete`).
        """
        await self._observing.hear(self._seen(), self._calls)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return one verdict per output guardrail, in order, as of now; final after `close`.

        A verdict is not `complete` if the guardrail did not see the whole answer: another one blocked it, or
        a text was never finished. Of an answer that broke off before any text of it nobody has `heard`, but
        for who found something beside it.
        """
        is_finished = self._completed and all(text.finished for text in self._texts.values())
        all_seen = self.blocked is None and is_finished
        verdicts = in_order(
            self._order,
            self._evidence.verdicts(incomplete=() if all_seen else range(len(self._order))),
            self._telling.verdicts(complete=all_seen),
            self._observing.verdicts(complete=all_seen),
        )
        if self._ended or self.coverage.received:
            return verdicts
        return tuple(
            msgspec.structs.replace(one, heard=one.heard and one.decision is not Decision.PASS)
            for one in verdicts
        )

    def _text(self, part: Part) -> AnswerText:
        text = self._texts.get(part.path)
        if text is None:
            audience = self._enforcing.audience(part)
            self._evidence.hear(audience)
            holds = self._holds_all or bool(part.name) or bool(self._enforcing.by_text(audience))
            window = self._enforcing.window(audience, whole=holds)
            gate = Gate(self._enforcing, audience, part) if audience.remote else None
            is_heard = bool(audience.local or audience.remote) or self.holds_answer
            text = self._texts[part.path] = AnswerText(part, audience, window, gate, is_heard=is_heard)
        elif text.finished:
            raise ValueError(
                f"{part.path} goes on after its end; finish a text only when nothing more can come"
            )
        return text

    def _seen(self) -> tuple[Part, ...]:
        """Return the texts as they came, as far as they were screened."""
        return tuple(
            msgspec.structs.replace(text.part, text="".join(text.seen)) for text in self._texts.values()
        )

    async def _ask(self, places: Sequence[int], parts: tuple[Part, ...]) -> None:
        """Ask enforcing checks about the answer as a whole; a block ends it where it stands."""
        if not places:
            return
        self._evidence.begin()
        panel = self._enforcing
        subject = Subject(Side.OUTPUT, panel.conversation, parts, tuple(self._calls))
        outcomes = await panel.examine(places, subject)
        self._evidence.note_exchange(outcomes)
        if panel.block_at(outcomes) is not None:
            self._block()

    def _block(self) -> None:
        self.blocked = next(verdict for verdict in self._evidence.verdicts() if verdict.blocked)

    async def _screen(self, text: AnswerText, run: Run) -> str:
        self._evidence.begin()
        begun = time.perf_counter_ns()
        outcomes = await self._enforcing.ask_local(run, text.audience)
        if self._enforcing.is_silent(outcomes):
            outcomes = {}
            self._evidence.passed(time.perf_counter_ns() - begun)
        if text.gate is not None:
            return await self._pass_gate(text, text.gate, run, outcomes)
        if not outcomes:
            self._pass(text, run.text)
            return self._release(run.text)
        return self._rule(text, run, outcomes)

    async def _pass_gate(
        self, text: AnswerText, gate: Gate, run: Run, outcomes: Mapping[int, Outcome]
    ) -> str:
        released = ""
        for region, found in await gate.admit(run, outcomes):
            released = self._rule(text, region, found)
            if self._has_blocked():
                return ""
        return released

    def _rule(self, text: AnswerText, run: Run, outcomes: Mapping[int, Outcome]) -> str:
        """Act upon what was found in a run; return what may be released of it."""
        block_at = self._enforcing.block_at(outcomes)
        self._evidence.note(text.part.path, run, outcomes, until=block_at)
        if block_at is not None:
            text.seen.append(run.text[:block_at])
            self._block()
            return ""
        self._pass(text, run.text)
        covered = spans(self._enforcing.redactions(outcomes))
        self.coverage.released += len(run.text) - sum(span.end - span.start for span in covered)
        return redact(run.text, covered)

    def _note_failures(self, text: AnswerText) -> None:
        """Act upon checks that failed to say whether a match is open; the window takes it as open."""
        outcomes = {
            place: Outcome(error=error)
            for check, error in text.window.failures
            for place in self._enforcing.places(check, text.audience)
        }
        text.window.failures.clear()
        self._evidence.begin()
        self._rule(text, NOWHERE, outcomes)

    def _has_blocked(self) -> bool:
        return self.blocked is not None

    def _pass(self, text: AnswerText, screened: str) -> None:
        self.coverage.screened += len(screened)
        if self._keeps:
            text.seen.append(screened)

    def _release(self, text: str) -> str:
        self.coverage.released += len(text)
        return text

"""The gate: behind the window, it holds what local checks have settled until remote checks have judged it.

A text passes it region by region. A region ends where a passage ends (`guardrails/passages.py`), or before: a
redaction that reaches over the end of a passage is never split, for the next passage may add to it. Findings
go out with the region they begin in, so they are in the order of the text whatever the fragments.

Which passages are asked about does not depend on the fragments either: those that end before the first local
block, or at it. So one passage after the other is judged even where a local check is known to block behind
them: a remote check may block earlier. Of passages that are complete at the same time all are asked at once;
those behind the first block are not waited for, and count for nothing.

While a question is under way the screen waits, and with it whoever reads from the provider: so there is one
at a time, what comes meanwhile is in the connection's buffer, and what was judged goes out at once.
"""

from collections.abc import Mapping, Sequence

from guardrails.asking import Outcome
from guardrails.check import Match, Run
from guardrails.judging import Needless, Question, about, ask_all, shifted, whole
from guardrails.panel import Panel
from guardrails.part import Part
from guardrails.passages import Cut, Cutter
from guardrails.redaction import spans
from guardrails.scope import Audience

Region = tuple[Run, dict[int, Outcome]]
"""A run, and what was found in it. One without text tells of times and errors, which have no place."""

NOWHERE = Run("", last=False)
"""The run of such a region."""


class Gate:
    """Holds one text. Not to be shared between texts.

    Args:
        panel: whose remote checks are asked.
        audience: of the text, with at least one remote check. If one of them judges whole texts, the window
            holds everything to the end.
        part: the first fragment of the text.
    """

    __slots__ = (
        "_block_at",
        "_by_sentence",
        "_by_text",
        "_cutter",
        "_found",
        "_held",
        "_judged",
        "_panel",
        "_part",
        "_start",
    )

    def __init__(self, panel: Panel, audience: Audience, part: Part) -> None:
        self._panel = panel
        self._by_sentence = panel.by_sentence(audience)
        self._by_text = panel.by_text(audience)
        self._part = part
        self._cutter = Cutter()
        self._held: list[str] = []
        self._start = 0
        self._judged = 0
        self._found: dict[int, list[Match]] = {}
        self._block_at: int | None = None

    async def admit(self, run: Run, outcomes: Mapping[int, Outcome]) -> list[Region]:
        """Take what the window let go; return what goes out, in order, to be acted upon as any run.

        Args:
            run: stands directly behind the one before.
            outcomes: of the local checks.
        """
        self._held.append(run.text)
        cuts = self._cutter.feed(run.text)
        if run.last:
            cuts += self._cutter.finish()
        regions: list[Region] = []
        if outcomes and self._note(outcomes, run.start, regions):
            return regions
        end = run.start + len(run.text)
        questions = self._due(cuts, run)
        if not questions and not run.last and self._block_at is None:
            return regions  # as with nearly every token: nothing more has been judged
        if questions and await self._judge(questions, regions):
            return regions
        regions += self._passing(end, last=run.last)
        return regions

    def _note(self, outcomes: Mapping[int, Outcome], start: int, regions: list[Region]) -> bool:
        """Keep matches until their region goes out; tell of times and errors at once.

        Returns:
            Whether an error blocks.
        """
        for place, outcome in outcomes.items():
            if outcome.matches:
                kept = self._found.setdefault(place, [])
                kept.extend(shifted(match, start) for match in outcome.matches)
        told = {
            place: Outcome(error=one.error, duration_ns=one.duration_ns) for place, one in outcomes.items()
        }
        regions.append((NOWHERE, told))
        found_at = self._panel.block_at({place: Outcome(one.matches) for place, one in outcomes.items()})
        if found_at is not None:  # of the first run that blocks, for none comes behind it
            self._block_at = start + found_at
        return self._panel.block_at(told) is not None

    def _due(self, cuts: list[Cut], run: Run) -> list[Question]:
        """Return what is to be asked now that these passages are complete."""
        block_at = self._block_at
        if block_at is not None:
            cuts = [cut for cut in cuts if cut.end <= block_at]
        if cuts:
            self._judged = cuts[-1].end
        panel = self._panel
        questions = [
            question
            for place in self._by_sentence
            for question in about(place, self._part, cuts, panel.conversation)
        ]
        if run.last and block_at is None:  # the run is all of the text: the window held it for these checks
            questions += [whole(place, self._part, run.text, panel.conversation) for place in self._by_text]
        return questions

    async def _judge(self, questions: Sequence[Question], regions: list[Region]) -> bool:
        """Ask, and keep what was found up to the first block; return whether an error blocks."""
        answers = await ask_all(self._panel, questions, self._needless)
        pairs = [pair for pair in zip(questions, answers, strict=True) if pair[1] is not None]
        pairs.sort(key=lambda pair: pair[0].passage.start)
        block_at = self._block_at
        told: dict[int, Outcome] = {}
        for question, answer in pairs:
            assert answer is not None
            start, place = question.passage.start, question.place
            if block_at is not None and start > block_at:
                break
            said = told.get(place, Outcome())
            told[place] = Outcome(
                error=said.error or answer.error, duration_ns=max(said.duration_ns, answer.duration_ns)
            )
            if answer.error is not None and self._panel.block_at({place: told[place]}) is not None:
                block_at = start
            self._found.setdefault(place, []).extend(shifted(match, start) for match in answer.matches)
            found_at = self._panel.block_at({place: Outcome(answer.matches)})
            if found_at is not None:
                block_at = start + found_at if block_at is None else min(block_at, start + found_at)
        self._block_at = block_at
        regions.append((NOWHERE, told))
        return self._panel.block_at(told) is not None

    def _needless(self, question: Question, answer: Outcome) -> Needless | None:
        """Return what a block makes needless: all but the passages before it, where an earlier one may be."""
        found_at = self._panel.block_at({question.place: answer})
        if found_at is None:
            return None
        texts = self._by_text
        begins = question.passage.start + (found_at if question.place in texts else 0)
        return lambda other: other.passage.start >= begins or other.place in texts

    def _passing(self, end: int, *, last: bool) -> list[Region]:
        """Return the region that goes out."""
        is_over = last or self._block_at is not None
        to = end if is_over else self._whole_before(self._judged)
        if to == self._start and not is_over:
            return []
        held = "".join(self._held)
        text, rest = held[: to - self._start], held[to - self._start :]
        found: dict[int, Outcome] = {}
        kept: dict[int, list[Match]] = {}
        for place, matches in self._found.items():
            goes = [shifted(match, -self._start) for match in matches if is_over or match.start < to]
            if goes:
                found[place] = Outcome(tuple(goes))
            kept[place] = [match for match in matches if not is_over and match.start >= to]
        region = (Run(text, self._start, last=last), found)
        self._held, self._found, self._start = [rest], kept, to
        return [region]

    def _whole_before(self, end: int) -> int:
        """Return that place, or the start of the redaction that reaches over it."""
        known = {place: Outcome(tuple(matches)) for place, matches in self._found.items()}
        for span in spans(self._panel.redactions(known)):
            if span.start < end < span.end:
                return span.start
        return end

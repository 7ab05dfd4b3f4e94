"""The life of an exchange that is passed on unread."""

from typing import Any

import msgspec
import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import Failed
from app.domain.exchange import Caller, Outcome
from app.domain.operation import Operation
from app.domain.proxying import Passed, PassedHead, ProxyGrant
from app.passing import Passing
from app.routing.wish import Wish
from tests.fakes import FakeProvider
from tests.pipelines import ADDED, PRIVACY, WATCHING, Bench

HEAD = PassedHead(201, (("content-type", "image/png"),))
PASSED = Passed(method="POST", path="images", headers={}, body=b"\x00secret")
GRANT = ProxyGrant(paths=("/v1/images",))


async def run(
    bench: Bench, grant: ProxyGrant | None = GRANT, path: str = "/v1/images", **fields: Any
) -> list[Any]:
    caller = Caller(name="team", proxy=grant, **fields.pop("key", {}))
    call = bench.call(PASSED.body, caller=caller, operation=Operation.PROXY, **fields)
    call = msgspec.structs.replace(call, path=path)
    return [piece async for piece in Passing(bench.pipeline, call, PASSED).run()]


async def test_it_is_passed_on_and_back_and_on_record_without_a_word_of_it() -> None:
    bench = Bench(FakeProvider(HEAD, b"\x89P", b"NG"))
    assert await run(bench) == [HEAD, b"\x89P", b"NG"]
    assert bench.provider.passed == [PASSED]
    record = bench.record
    assert (record.operation, record.unscreened, record.outcome) == (Operation.PROXY, True, Outcome.OK)
    assert (record.status_code, record.caller, record.path) == (201, "team", "/v1/images")
    assert (record.request, record.response, record.request_bytes) == (None, None, 7)
    assert record.attempts[0].status_code == 200
    (span,) = bench.trace.children
    assert (span.name, span.attributes["http.request.method"]) == ("proxy fake", "POST")
    assert bench.trace.ended


@pytest.mark.parametrize(
    ("grant", "path"), [(None, "/v1/images"), (GRANT, "/v1/files"), (GRANT, "/v1/images/x")]
)
async def test_what_a_key_does_not_name_is_not_there(grant: Any, path: str) -> None:
    bench = Bench(FakeProvider(HEAD))
    (failed,) = await run(bench, grant, path)
    assert (failed.error.status, bench.provider.passed) == (404, [])
    assert bench.record.outcome is Outcome.REJECTED


OPEN = ProxyGrant(paths=("/v1/images",), unscreened=True)


async def test_what_a_guardrail_would_have_to_hear_is_refused_unless_the_key_says_otherwise() -> None:
    bench = Bench(FakeProvider(HEAD), privacy=PRIVACY)
    (failed,) = await run(bench)
    assert (failed.error.status, failed.error.code, bench.provider.passed) == (403, "not_allowed", [])
    bench = Bench(FakeProvider(HEAD), privacy=PRIVACY)
    assert await run(bench, OPEN) == [HEAD]
    assert (bench.record.unscreened, bench.record.verdicts) == (True, ())


async def test_guardrails_that_a_caller_sends_cannot_hear_it_either() -> None:
    bench = Bench(FakeProvider(HEAD))
    (failed,) = await run(bench, OPEN, wish=Wish(output_guardrails='[{"notNull": {}}]'))
    assert (failed.error.status, failed.error.code, bench.provider.passed) == (400, "invalid_guardrails", [])


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, None), ({"guardrails": ("added",)}, 403), ({"key": {"guardrails": ("added",)}}, 403)],
)
async def test_guardrails_of_the_key_and_the_request_count(fields: Any, status: int | None) -> None:
    first = (await run(Bench(FakeProvider(HEAD), added=ADDED), **fields))[0]
    assert (first.error.status if isinstance(first, Failed) else None) == status


@pytest.mark.parametrize("spec", [WATCHING, {**PRIVACY, "action": "flag"}])
async def test_who_only_watches_forbids_nothing(spec: Any) -> None:
    assert await run(Bench(FakeProvider(HEAD), watching=spec)) == [HEAD]


async def test_a_guardrail_for_some_models_counts_whatever_is_asked() -> None:
    bench = Bench(FakeProvider(HEAD), some={**PRIVACY, "applies_to": {"models": ["gpt-*"]}})
    (failed,) = await run(bench)
    assert failed.error.status == 403


@pytest.mark.parametrize(
    "fields",
    [{"wish": Wish(config="{}")}, {"wish": Wish(provider="@nobody")}, {"key": {"config": "prod"}}],
)
async def test_no_config_chooses_where_it_goes(fields: Any) -> None:
    bench = Bench(FakeProvider(HEAD))
    (failed,) = await run(bench, **fields)
    assert (failed.error.status, bench.provider.passed) == (400, [])


async def test_a_refusal_is_told_scrubbed() -> None:
    bench = Bench(FakeProvider(UpstreamRefused("no hunter2", status=429)))
    (failed,) = await run(bench)
    assert (failed.error.status, failed.error.message) == (429, "no [SECRET]")
    assert (bench.record.status_code, bench.record.attempts[0].error_type) == (429, "429")


async def test_what_breaks_off_half_way_says_so() -> None:
    bench = Bench(FakeProvider(HEAD, b"half", UpstreamBroken("Broke.")))
    *before, failed = await run(bench)
    assert before == [HEAD, b"half"]
    assert isinstance(failed, Failed)
    assert (bench.record.outcome, bench.record.status_code) == (Outcome.UPSTREAM_ERROR, 201)


async def test_a_bug_is_on_record_and_in_the_log() -> None:
    bench = Bench(FakeProvider(RuntimeError("bug")))
    (failed,) = await run(bench)
    assert (failed.error.status, bench.record.outcome) == (500, Outcome.FAILED)
    assert bench.log.lines[0][:2] == ("error", "exchange_crashed")


async def test_nothing_is_passed_on_that_cannot_be_put_on_record() -> None:
    bench = Bench(FakeProvider(HEAD))
    bench.records.full = True
    (failed,) = await run(bench)
    assert (failed.error.status, bench.provider.passed, bench.records.taken) == (503, [], [])

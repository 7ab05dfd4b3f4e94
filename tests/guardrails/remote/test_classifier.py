"""A text classifier is asked in the words of its server, long texts in windows; some classes are found."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.check import Match, Passage, RemoteCheck
from guardrails.decoding import ConfigError
from guardrails.part import Part
from guardrails.remote import classifier
from guardrails.remote.classifier import windows
from guardrails.remote.service import ServiceRefused, UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.wire import Vendor, Wrong, asked, services
from tests.upstreams import Received, Upstream

BAD = 0.7
MAX_CHARS = 200
"""What the model reads at once."""


def _probability(text: str) -> float:
    if len(text) > MAX_CHARS:
        raise Wrong(400)
    return BAD if "bad" in text else 0.2


def vllm(request: Received, body: Any) -> Any:
    """Answer as vLLM does: the most probable class by name, all by number."""
    if (request.method, request.target) != ("POST", "/classify"):
        raise Wrong(404)
    data = []
    for index, text in enumerate(body["input"]):
        bad = _probability(text)
        label = "MALICIOUS" if bad > 0.5 else "BENIGN"
        data.append({"index": index, "label": label, "probs": [1 - bad, bad], "num_classes": 2})
    return {"id": "classify-1", "object": "list", "model": body.get("model", "m"), "data": data}


def tei(request: Received, body: Any) -> Any:
    """Answer as text-embeddings-inference does: a list of two texts would be a pair."""
    if (request.method, request.target) != ("POST", "/predict"):
        raise Wrong(404)
    if len(body["inputs"]) > 32 or body["truncate"] or body["raw_scores"]:
        raise Wrong(413)
    answers = []
    for one in body["inputs"]:
        [text] = one
        bad = _probability(text)
        scores = {"MALICIOUS": bad, "BENIGN": 1 - bad}
        surest = sorted(scores, key=lambda label: -scores[label])
        answers.append([{"label": label, "score": scores[label]} for label in surest])
    return answers


def kserve(request: Received, body: Any) -> Any:
    """Answer as KServe's runtime does that was told to return probabilities."""
    if (request.method, request.target) != ("POST", "/v1/models/guard:predict"):
        raise Wrong(404)
    bad = [_probability(text) for text in body["instances"]]
    return {"predictions": [{"0": 1 - one, "1": one} for one in bad]}


SERVERS: dict[str, tuple[Vendor, dict[str, object]]] = {
    "vllm": (vllm, {}),
    "vllm with classes": (vllm, {"classes": ["BENIGN", "MALICIOUS"]}),
    "tei": (tei, {"server": "tei"}),
    "kserve": (kserve, {"server": "kserve", "model": "guard", "classes": ["BENIGN", "MALICIOUS"]}),
}


async def judged(name: str, text: str, **config: object) -> Sequence[Match]:
    vendor, more = SERVERS[name]
    async with Upstream(asked(vendor), path="") as upstream, services() as there:
        given = {"url": upstream.base_url, "labels": ["MALICIOUS"], **more, **config}
        check = classifier.build(given, "classifier", there)
        assert isinstance(check, RemoteCheck)
        return await check.judge(Passage(text, Part("messages[0].content", text)))


@pytest.mark.parametrize("name", SERVERS)
async def test_a_text_of_a_class_is_found_and_another_is_not(name: str) -> None:
    assert list(await judged(name, " this is bad\n")) == [Match("malicious", 1, 12, score=BAD)]
    assert list(await judged(name, "this is fine")) == []
    assert list(await judged(name, "this is bad", threshold=0.71)) == []


@pytest.mark.parametrize("name", SERVERS)
async def test_a_long_text_is_read_in_windows_that_overlap(name: str) -> None:
    text = "so it goes on " * 100 + "and this is bad " + "so it goes on " * 100
    found = await judged(name, text, window_chars=MAX_CHARS, overlap_chars=40)
    assert found
    assert all("bad" in text[match.start : match.end] for match in found)
    assert all(match.end - match.start <= MAX_CHARS for match in found)


@pytest.mark.parametrize("name", SERVERS)
async def test_what_is_too_long_for_the_model_is_an_error(name: str) -> None:
    with pytest.raises(ServiceRefused):
        await judged(name, "x" * 300)


@pytest.mark.parametrize("name", ["vllm with classes", "tei", "kserve"])
async def test_a_class_need_not_be_the_most_probable(name: str) -> None:
    assert [match.score for match in await judged(name, "fine", threshold=0.1)] == [0.2]


@pytest.mark.parametrize("name", ["tei"])
async def test_a_label_that_the_model_does_not_have_is_an_error(name: str) -> None:
    with pytest.raises(UnsoundAnswer):
        await judged(name, "fine", labels=["MALICOUS"])


async def test_a_model_is_named_where_a_server_has_several() -> None:
    service = Service(lambda _: {"data": [{"index": 0, "label": "ok", "probs": [1.0]}]})
    config = {"url": "http://g/v1", "labels": ["bad"], "model": "org/guard"}
    await classifier.build(config, "c", service.services).judge(Passage("text", Part("a", "text")))
    assert service.questions == [{"model": "org/guard", "input": ["text"]}]
    assert service.requests[0].url == "http://g/v1/classify"


ONE = {"index": 0, "label": "ok", "probs": [0.4, 0.6]}


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("vllm", {"data": []}),
        ("vllm", {"data": [ONE, {**ONE, "index": 1}]}),
        ("vllm", {"data": [{**ONE, "index": 1}]}),
        ("vllm", {"data": [{**ONE, "label": None}]}),
        ("vllm", {"data": [{**ONE, "probs": []}]}),
        ("tei", []),
        ("tei", [[]]),
        ("tei", [{"label": "bad", "score": 1}]),
        ("kserve", {"predictions": [1]}),
        ("kserve", {"predictions": []}),
        ("kserve", {"error": "no"}),
    ],
)
async def test_an_answer_of_another_shape_is_an_error(server: str, said: Any) -> None:
    config = {"url": "http://g", "labels": ["bad"], "server": server, "model": "m"}
    check = classifier.build(config, "c", Service(lambda _: said).services)
    with pytest.raises(UnsoundAnswer):
        await check.judge(Passage("text", Part("a", "text")))


async def test_as_many_classes_must_be_answered_as_are_configured() -> None:
    config = {"url": "http://g", "labels": ["bad"], "classes": ["ok", "so", "bad"]}
    check = classifier.build(config, "c", Service(lambda _: {"data": [ONE]}).services)
    with pytest.raises(UnsoundAnswer):
        await check.judge(Passage("text", Part("a", "text")))


@given(st.integers(0, 5_000), st.integers(50, 400), st.integers(0, 200))
def test_windows_cover_the_text_and_overlap(length: int, window: int, overlap: int) -> None:
    overlap = min(overlap, window // 2)
    starts = windows(length, window, overlap)
    assert starts[0] == 0
    assert starts[-1] + window >= length
    assert all(0 < second - first <= window - overlap for first, second in pairwise(starts))
    assert len(starts) <= max(1, length // (window - overlap) + 1)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "c"),
        ({"labels": []}, "c.labels"),
        ({"labels": ["a"], "classes": ["b"]}, "c.labels[0]"),
        ({"labels": ["a"], "classes": ["a", "a"]}, "c.classes"),
        ({"labels": ["a"], "window_chars": 100, "overlap_chars": 51}, "c.overlap_chars"),
        ({"labels": ["a"], "server": "kserve"}, "c.model"),
        ({"labels": ["a"], "server": "torch"}, "c.server"),
        ({"labels": ["a"], "url": "guard"}, "c.url"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        classifier.build({"url": "http://g", **config}, "c", Service().services)
    assert caught.value.path == path

"""How servers of text classifiers are asked, and how their answers read: one shape a server.

    vllm     POST /classify                  {model, input: [text, ...]}
             {data: [{index, label, probs: [0.1, 0.9]}]}         the label of the most probable class only
    tei      POST /predict                   {inputs: [[text], ...], raw_scores: false, truncate: false}
             [[{label, score}, ...], ...]                                              every class of each
    kserve   POST /v1/models/<model>:predict {instances: [text, ...]}
             {predictions: [{"0": 0.1, "1": 0.9}, ...]}                 every class by number or by name

From vLLM's documentation ("Classification API", 0.11; SGLang speaks the same), the source of Hugging Face's
text-embeddings-inference (1.8; a list of two texts would be a pair, so each text is a list of its own), and
KServe's Hugging Face runtime with `--return_probabilities` (0.16), all 2026-11. None is asked to cut a text
that is too long for its model: it refuses, and that is an error.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, assert_never
from urllib.parse import quote

import msgspec

from guardrails.remote.endpoint import Endpoint
from guardrails.remote.service import UnsoundAnswer

Server = Literal["vllm", "tei", "kserve"]

Scores = Mapping[str, float]
"""Label to score, of one text."""


class _Classified(msgspec.Struct):
    index: int
    probs: list[float]
    label: str | None = None


class _Classification(msgspec.Struct):
    data: list[_Classified]


class _Class(msgspec.Struct):
    label: str
    score: float


class _Predictions(msgspec.Struct):
    predictions: list[dict[str, float]]


def route(server: Server, model: str | None) -> str:
    """Return what stands behind the address of a server."""
    match server:
        case "vllm":
            return "/classify"
        case "tei":
            return "/predict"
        case "kserve":
            return f"/v1/models/{quote(model or 'model', safe='')}:predict"
        case _:
            assert_never(server)


async def classified(
    endpoint: Endpoint, server: Server, model: str | None, classes: Sequence[str], texts: Sequence[str]
) -> list[Scores]:
    """Return the scores of each text.

    Args:
        endpoint: of the server.
        server: what it speaks.
        model: its name, where one server has several.
        classes: names by number, for servers that give numbers.
        texts: at least one.

    Raises:
        ServiceError: the server could not be asked, or answered something else.
    """
    match server:
        case "vllm":
            named = {} if model is None else {"model": model}
            answer = await endpoint.ask({**named, "input": list(texts)}, _Classification)
            scores = _of_vllm(answer, classes)
        case "tei":
            question = {"inputs": [[text] for text in texts], "raw_scores": False, "truncate": False}
            answers = await endpoint.ask(question, list[list[_Class]])
            scores = [{one.label: one.score for one in answer} for answer in answers]
        case "kserve":
            predicted = await endpoint.ask({"instances": list(texts)}, _Predictions)
            scores = [
                {_name(key, classes): score for key, score in one.items()} for one in predicted.predictions
            ]
        case _:
            assert_never(server)
    if len(scores) != len(texts) or not all(scores):
        raise UnsoundAnswer("has not one answer for each text")
    return scores


def _of_vllm(answer: _Classification, classes: Sequence[str]) -> list[Scores]:
    """Return every class's score where their names are known, else that of the most probable."""
    items = sorted(answer.data, key=lambda item: item.index)
    if [item.index for item in items] != list(range(len(items))):
        raise UnsoundAnswer("leaves a text out")
    scores: list[Scores] = []
    for item in items:
        if classes:
            if len(item.probs) != len(classes):
                raise UnsoundAnswer("has not as many classes as are configured")
            scores.append(dict(zip(classes, item.probs, strict=True)))
        elif item.label is None or not item.probs:
            raise UnsoundAnswer("names no class; configure `classes`")
        else:
            scores.append({item.label: max(item.probs)})
    return scores


def _name(key: str, classes: Sequence[str]) -> str:
    is_number = key.isascii() and key.isdigit() and int(key) < len(classes)
    return classes[int(key)] if is_number else key

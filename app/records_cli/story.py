"""A whole exchange as a story: what came, what was made of it, who was asked, what went out, its cost."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.records.filters import BEGUN
from app.records.plain_rows import PlainRow
from app.records.queries import WholeExchange
from app.records_cli.columns import safe

_BESIDE_TEXTS = frozenset(("messages", "prompt", "input", "model", "stream"))
_INDENT = 16


def story(whole: WholeExchange) -> Iterator[str]:
    """Yield the lines, safe for a terminal."""
    row = whole.exchange
    yield from _head(row)
    yield from _body("What came", whole, "request")
    yield from _verdicts("Before the provider", whole, "input")
    yield from _attempts(whole.attempts)
    yield from _verdicts("Behind the provider", whole, "output")
    yield from _body("What went out", whole, "response")
    yield from _end(row, whole)


def _head(row: PlainRow) -> Iterator[str]:
    yield f"Exchange {row['id']}"
    status = "" if row["status_code"] is None else f", status {row['status_code']}"
    yield _field("outcome", f"{row['outcome'] or BEGUN}{status}")
    took = "" if row["duration_ms"] is None else f", took {row['duration_ms']:,.1f} ms"
    share = "" if row["upstream_ms"] is None else f" ({row['upstream_ms']:,.1f} ms of it the provider)"
    first = row["time_to_first_token_ms"]
    first_text = "" if first is None else f", first text after {first:,.1f} ms"
    yield _field("started", f"{row['started_at']}{took}{share}{first_text}")
    yield _field("caller", row["caller"])
    own = f", the caller's own {row['caller_trace_id']}" if row["caller_trace_id"] else ""
    kept = "" if row["trace_sampled"] else " (not exported)"
    yield _field("trace", f"{row['trace_id']}{kept}{own}")
    how = "streamed" if row["stream"] else "whole"
    yield _field("asked", f"{row['method']} {row['path']}, {row['requested_model'] or 'no model'}, {how}")
    for name in ("metadata", "subject", "record_error"):
        if row[name]:
            yield _field(name, row[name])
    if row["unscreened"]:
        yield _field("unscreened", "held something that no guardrail can read")


def _body(title: str, whole: WholeExchange, kind: str) -> Iterator[str]:
    found = [payload for payload in whole.payloads if payload["kind"] == kind]
    yield ""
    if not found:
        yield f"{title}: nothing on record"
        return
    payload = found[0]
    yield f"{title} ({payload['content']})"
    if payload["body"] is None:
        at = f"erased {payload['erased_at']}" if payload["erased_at"] else "only its hash is kept"
        yield _field("body", f"{at}; sha256 with its salt: {payload['hash']}")
    elif payload["key_id"] is not None:
        yield _field("body", f"encrypted with key {payload['key_id']}")
    else:
        for name, text in _turns(payload["body"]):
            yield _field(name, text)


def _turns(body: str) -> Iterator[tuple[str, str]]:
    """Yield who said what in a body; what is no text as JSON."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        yield "body", body
        return
    messages = document.get("messages")
    for message in messages if isinstance(messages, list) else ():
        yield from _message(message)
    for name in ("prompt", "input"):
        if name in document:
            yield name, _text(document[name])
    choices = document.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        message = choice.get("message") if isinstance(choice, dict) else None
        yield from _message(choice if message is None else message)
    known = _BESIDE_TEXTS | {"choices"}
    if rest := {name: value for name, value in document.items() if name not in known}:
        yield "beside it", _text(rest)


def _message(message: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (JSON)
    if not isinstance(message, dict):
        yield "", _text(message)
        return
    role = str(message.get("role", ""))
    if (content := message.get("content")) is not None:
        yield role, _text(content)
    if rest := {name: value for name, value in message.items() if name not in {"role", "content"} and value}:
        yield role, _text(rest)


def _verdicts(title: str, whole: WholeExchange, side: str) -> Iterator[str]:
    mine = [verdict for verdict in whole.verdicts if verdict["side"] == side]
    yield ""
    yield f"{title}: {'no guardrail' if not mine else 'guardrails'}"
    for verdict in mine:
        mode = ", only monitored" if verdict["mode"] == "monitor" else ""
        error = f", {verdict['error']}" if verdict["error"] else ""
        yield _field(
            verdict["guardrail"], f"{verdict['decision']}{mode}{error}, {verdict['duration_ms']:.2f} ms"
        )
        for finding in whole.findings:
            if finding["verdict_number"] == verdict["number"]:
                place = f"{finding['part']}, {finding['start_offset']} to {finding['end_offset']}"
                yield _field("", f"{finding['check_kind']}.{finding['rule']} in {place}")


def _attempts(attempts: Sequence[PlainRow]) -> Iterator[str]:
    yield ""
    yield "Attempts" if attempts else "Attempts: none, nothing was sent to a provider"
    for one in attempts:
        where = f"@{one['provider']}/{one['model']}"
        if one["cached_exchange_id"]:
            yield _field(
                str(one["number"]), f"{where} from the cache, of exchange {one['cached_exchange_id']}"
            )
            continue
        parts = [f"{where} at {one['server_address']}:{one['server_port']}"]
        parts.append("no answer" if one["status_code"] is None else f"status {one['status_code']}")
        if one["duration_ms"] is not None:
            parts.append(f"{one['duration_ms']:,.1f} ms")
        parts += [one[name] for name in ("error_type", "finish_reasons") if one[name]]
        yield _field(str(one["number"]), ", ".join([*parts, *_usage(one)]))


def _end(row: PlainRow, whole: WholeExchange) -> Iterator[str]:
    yield ""
    yield "In the end"
    yield _field("used", ", ".join(_usage(row)) or ("unknown" if whole.attempts else "nothing"))
    chars = (row["chars_received"], row["chars_screened"], row["chars_released"])
    if None not in chars:
        yield _field("characters", "{} received, {} screened, {} released".format(*chars))
    if row["error_message"] or row["error_type"]:
        codes = " ".join(filter(None, (row["error_type"], row["error_code"], row["error_param"])))
        yield _field("error", f"{codes}: {row['error_message'] or ''}")
    for given in whole.feedback:
        weight = f", weight {given['weight']:g}" if given["weight"] != 1 else ""
        yield _field("feedback", f"{given['value']:+} by {given['caller']}{weight} {given['metadata']}")
    for log in whole.inserted_logs:
        yield _field("log", f"{log['id']} by {log['caller']}, status {log['status_code']}")


def _usage(row: PlainRow) -> Iterator[str]:
    if row["prompt_tokens"] is not None or row["completion_tokens"] is not None:
        yield f"{row['prompt_tokens'] or 0} + {row['completion_tokens'] or 0} tokens"
    if row["cost_usd"] is not None:
        yield f"{row['cost_usd'].normalize():f} USD"


def _text(value: Any) -> str:  # noqa: ANN401 (JSON)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _field(name: str, text: str) -> str:
    """Return a name and beside it a text, whose further lines stand below its first."""
    below = f"\n{' ' * _INDENT}"
    label = safe(name)
    gap = " " * max(1, _INDENT - 2 - len(label))
    return f"  {label}{gap}{safe(text, lines=True).replace(chr(10), below)}"

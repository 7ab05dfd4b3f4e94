"""Verifies an export of the record without Handrail: one file, Python 3.9 or later, nothing to install.

    python verify_export.py EXPORT.jsonl [--public-key FILE_OR_BASE64]

Reads what `handrail records export --format jsonl` writes and names every row that is not what was written.
It shares no line with what writes the record: how rows become bytes, and bytes a chain, is said here once
more. Signatures are checked with the package `cryptography` where it is installed; where not, it says so.
Exit status 0: sound; 2: not; 1: it could not be read. Memory: about 500 bytes an exchange.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    HAS_SIGNATURES = False
else:
    HAS_SIGNATURES = True

Row = dict[str, Any]
_TOKENS = "prompt_tokens completion_tokens cached_tokens reasoning_tokens cache_write_tokens"
COLUMNS = {
    "exchanges": "id started_at ended_at trace_id span_id trace_sampled caller policy_version method path "
    "operation unscreened stream requested_model provider model outcome status_code error_type error_code "
    f"duration_ms upstream_ms overhead_ms time_to_first_token_ms {_TOKENS} cost_usd cache_status "
    "chars_received chars_screened chars_released record_error writer erasable_hash",
    "attempts": "number provider provider_kind model server_address server_port started_at ended_at "
    "duration_ms time_to_first_event_ms status_code error_type response_id response_model finish_reasons "
    f"{_TOKENS} cost_usd dropped_params cache_status cached_exchange_id cache_similarity span_id",
    "verdicts": "number guardrail side decision action mode blocked error started_at duration_ms "
    "findings_dropped complete",
    "findings": "number verdict_number check_kind rule part start_offset end_offset score fingerprint",
    "payloads": "kind content hash",
    "record_events": "id at kind actor exchanges detail",
    "chain": "writer sequence at kind exchange_id exchange_started_at event_id digest",
}
ERASABLE = ("caller_trace_id", "error_message", "error_param", "metadata", "subject")
SIGNED = ("writer", "sequence", "hash", "previous_sequence", "signed_at")
_CHILDREN = ("attempts", "verdicts", "findings", "payloads")
_DOUBLES = {"cache_similarity", "score"}
_VERSION, _GENESIS = 1, "0" * 64


class Export:
    """What was read so far, and what is wrong with it."""

    def __init__(self) -> None:
        self.flaws: list[str] = []
        self.is_whole = True
        self.has_end = False
        self._exchange: Row | None = None
        self._children: dict[str, list[Row]] = {}
        self.read: dict[str, tuple[str, str, bool, bool]] = {}
        self.last: dict[str, tuple[bool, str, int, str, str]] = {}
        self.erased: set[str] = set()
        self.chained: set[tuple[str, str]] = set()
        self.hashes: dict[str, dict[int, str]] = {}
        self.beside: dict[str, list[Row]] = {"checkpoints": [], "record_events": [], "writers": []}
        self.sealed = 0

    def line(self, line: Row) -> None:
        """Take a line."""
        if "export" in line:
            self.is_whole = not line["export"].get("asked")
        elif "end" in line:
            self.close()
            self.has_end = True
        elif line["table"] in _CHILDREN:
            self._child(line["table"], line["row"])
        else:
            self.close()
            if line["table"] == "exchanges":
                self._exchange = line["row"]
            elif line["table"] == "chain":
                self._chain(line["row"])
            elif line["table"] in self.beside:
                self.beside[line["table"]].append(line["row"])

    def close(self) -> None:
        """Take the exchange whose rows have been read."""
        row, children, self._exchange, self._children = self._exchange, self._children, None, {}
        if row is None:
            return
        parts = [_VERSION, _values("exchanges", row)]
        parts += [sorted((_values(t, c) for c in children.get(t, ())), key=lambda v: v[0]) for t in _CHILDREN]
        words, gone = [row[name] for name in ERASABLE], False
        if all(word is None for word in words):
            gone = row["erasable_hash"] is not None
        elif _salted(row["erasable_salt"], _encoded(words)) != row["erasable_hash"]:
            self.flaw("exchanges", "changed", row["id"])
        for body in children.get("payloads", ()):
            gone |= self._is_gone(body)
        if row["id"] in self.read:
            self.flaw("exchanges", "inserted", row["id"])
        self.read[row["id"]] = (_sha256(_encoded(parts)), row["started_at"], gone, row["writer"] is None)

    def flaw(self, table: str, kind: str, what: str, why: str = "") -> None:
        """Note what is wrong."""
        self.flaws.append(f"{table}: {kind}: {what}" + (f": {why}" if why else ""))

    def _is_gone(self, row: Row) -> bool:
        if row["body"] is None:
            return bool(row["content"] != "hashes")
        if row["key_id"] is not None:
            self.sealed += 1
        elif _salted(row["salt"], row["body"].encode()) != row["hash"] and row["hash"] is not None:
            self.flaw("payloads", "changed", row["exchange_id"], f"the body of the {row['kind']}")
        return False

    def _child(self, table: str, row: Row) -> None:
        exchange = self._exchange or {"id": None, "started_at": None}
        if (row["exchange_id"], row["exchange_started_at"]) != (exchange["id"], exchange["started_at"]):
            self.flaw(table, "inserted", row["exchange_id"], "it is not with its exchange")
        self._children.setdefault(table, []).append(row)

    def _chain(self, row: Row) -> None:
        writer, sequence = row["writer"], row["sequence"]
        hashes = self.hashes.setdefault(writer, {})
        if _sha256(_encoded([row["previous_hash"], *_values("chain", row)])) != row["hash"]:
            self.flaw("chain", "changed", f"{writer}/{sequence}")
        before = hashes.get(sequence - 1)
        if before is not None and before != row["previous_hash"]:
            self.flaw("chain", "reordered", f"{writer}/{sequence}")
        if (sequence == 1) != (row["kind"] == "opened") or (
            sequence == 1 and row["previous_hash"] != _GENESIS
        ):
            self.flaw("chain", "changed", f"{writer}/{sequence}")
        hashes[sequence] = row["hash"]
        if row["event_id"] is not None:
            self.chained.add((row["event_id"], row["digest"]))
        if row["kind"] == "erased":
            self.erased.add(row["exchange_id"])
        elif row["exchange_id"] is not None:
            entry = (row["kind"] != "begun", row["at"], sequence, row["digest"], row["exchange_started_at"])
            self.last[row["exchange_id"]] = max(self.last.get(row["exchange_id"], entry), entry)


def _values(table: str, row: Row) -> list[Any]:
    return [_value(name, row[name]) for name in COLUMNS[table].split()]


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 (of any column)
    if value is None:
        return None
    if name == "cost_usd":
        return f"{Decimal(value).quantize(Decimal('0.000000000001'), ROUND_HALF_UP):f}"
    return repr(float(value)) if name.endswith("_ms") or name in _DOUBLES else value


def _encoded(value: Any) -> bytes:  # noqa: ANN401 (JSON)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _salted(salt: str | None, data: bytes) -> str:
    try:
        return _sha256(bytes.fromhex(salt or "") + data)
    except ValueError:
        return "none: the salt is no hex"


def judge(export: Export, keys: dict[str, bytes]) -> None:
    """Hold what was read against each other; keys are public ones by id, or none: those that are stated."""
    events = {event["id"]: event for event in export.beside["record_events"]}
    digests = {id_: _sha256(_encoded([_VERSION, _values("record_events", e)])) for id_, e in events.items()}
    for id_, digest in sorted(export.chained):
        if digests.get(id_) != digest:
            export.flaw("record_events", "changed" if id_ in digests else "deleted", id_)
    for event_id, _ in sorted({*digests.items()} - export.chained):
        export.flaw("record_events", "inserted", event_id)
    details = [(event, json.loads(event["detail"])) for event in events.values()]
    opened = [(event["at"], detail["heads"]) for event, detail in details if event["kind"] == "opened"]
    good = {event_id for event_id, digest in digests.items() if (event_id, digest) in export.chained}
    retained = [d for event, d in details if event["kind"] == "retained" and event["id"] in good]
    gone = max((detail.get("gone_before", "") for detail in retained), default="")
    bodies_gone = max((detail.get("bodies_gone_before", "") for detail in retained), default="")
    starts = {head["writer"]: head["sequence"] for detail in retained for head in detail.get("heads", ())}
    stated: dict[str, dict[int, str]] = {}
    for head in (head for _, heads in opened for head in heads):
        stated.setdefault(head["writer"], {})[head["sequence"]] = head["hash"]
    signed = _signed(export, keys or _stated_keys(export))
    for writer in sorted({*export.hashes, *stated, *signed}):
        _judge_chain(export, writer, starts.get(writer, 0), [stated.get(writer, {}), signed.get(writer, {})])
    _judge_exchanges(export, gone, bodies_gone, min((at for at, _ in opened), default="9"))


def _judge_chain(export: Export, writer: str, start: int, stated: Iterable[dict[int, str]]) -> None:
    hashes = export.hashes.get(writer, {})
    last = max([start, *hashes])
    missing = sorted({*range(start + 1, last + 1)} - {*hashes})
    if missing:
        export.flaw("chain", "deleted", f"{writer}/{missing[0]}")
    for sequence, hash_ in sorted((item for said in stated for item in said.items()), reverse=True):
        if sequence > last:
            export.flaw("chain", "truncated" if last else "deleted", f"{writer}/{last or sequence}")
            return
        if sequence in hashes and hashes[sequence] != hash_:
            export.flaw("chain", "changed", f"{writer}/{sequence}")


def _judge_exchanges(export: Export, gone: str, bodies_gone: str, chained_from: str) -> None:
    for id_, (digest, started_at, is_gone, is_old) in export.read.items():
        entry = export.last.get(id_)
        if entry is None:
            if not is_old or started_at >= chained_from:
                export.flaw("exchanges", "inserted", id_)
        elif entry[3] != digest:
            export.flaw("exchanges", "changed", id_)
        if is_gone and entry and id_ not in export.erased and started_at >= bodies_gone:
            export.flaw("payloads", "deleted", id_, "words are gone, and no event says why")
    for id_, entry in export.last.items():
        if export.is_whole and id_ not in export.read and entry[4] >= gone:
            export.flaw("exchanges", "deleted", id_)


def _signed(export: Export, keys: dict[str, bytes]) -> dict[str, dict[int, str]]:
    signed: dict[str, dict[int, str]] = {}
    there = {(row["writer"], row["sequence"]) for row in export.beside["checkpoints"]}
    for row in export.beside["checkpoints"]:
        writer, before, key = row["writer"], row["previous_sequence"], keys.get(row["key_id"])
        message = _encoded(["handrail checkpoint 1", *(row[name] for name in SIGNED)])
        if HAS_SIGNATURES and (
            key is None or not is_signed(key, message, base64.b64decode(row["signature"]))
        ):
            export.flaw("checkpoints", "unsigned", f"{writer}/{row['sequence']}")
        else:
            signed.setdefault(writer, {})[row["sequence"]] = row["hash"]
        if before and before in export.hashes.get(writer, ()) and (writer, before) not in there:
            export.flaw("checkpoints", "deleted", f"{writer}/{before}")
    for row in export.beside["writers"]:
        writer, last = row["id"], max(export.hashes.get(row["id"], {0: ""}))
        if row["ended_at"] is not None and last and (writer, last) not in there:
            export.flaw("checkpoints", "deleted", f"{writer}/{last}")
    return signed


def _stated_keys(export: Export) -> dict[str, bytes]:
    details = [json.loads(event["detail"]) for event in export.beside["record_events"]]
    return dict(_key(detail["public_key"]) for detail in details if detail.get("public_key"))


def _key(text: str) -> tuple[str, bytes]:
    """Return a public key and its id, from PEM or base64, or a file with either."""
    if len(text) < 250 and Path(text).is_file():  # noqa: PLR2004 (longer ones are no path)
        text = Path(text).read_text("utf-8")
    raw = base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-")))[-32:]
    return _sha256(raw)[:16], raw


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature is that of a message (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def main() -> int:
    """Verify the file that is named, and say what came of it."""
    parser = argparse.ArgumentParser(description="Verify an export of the record.")
    parser.add_argument("export", type=Path, help="made by handrail records export --format jsonl")
    parser.add_argument(
        "--public-key", action="append", default=[], help="PEM, base64, or a file with either"
    )
    options = parser.parse_args()
    export, keys = Export(), dict(map(_key, options.public_key))
    try:
        with options.export.open(encoding="utf-8") as lines:
            for line in lines:
                export.line(json.loads(line, parse_float=str))
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"{options.export} is no export that can be read: {type(error).__name__}: {error}\n")
        return 1
    if not export.has_end:
        export.flaw("export", "truncated", str(options.export), "its last line is missing")
    judge(export, keys)
    say = [*export.flaws, f"{len(export.read)} exchanges, {sum(map(len, export.hashes.values()))} entries"]
    say += [f"{export.sealed} bodies are encrypted: they were not checked"] if export.sealed else []
    say += [] if HAS_SIGNATURES else ["signatures were not checked: install the package cryptography"]
    say += [] if export.is_whole else ["made with filters: exchanges that are not in it were not looked for"]
    say += [] if keys else ["signatures were held against the key that the record itself states"]
    sys.stdout.write("\n".join([*say, "NOT SOUND" if export.flaws else "sound", ""]))
    return 2 if export.flaws else 0


if __name__ == "__main__":
    sys.exit(main())

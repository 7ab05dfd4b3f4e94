"""Bedrock on a real socket, as far as a gateway can tell: an answer for `tests.upstreams.Upstream`.

    emulator = BedrockEmulator(document=ANSWER, stream=EVENTS)
    async with Upstream(emulator, path="") as upstream: ...

It signs what arrived once more, with botocore and from the bytes of the request line, and compares; it
refuses what `tests/emulators/bedrock_rules.py` says, in AWS's words; it answers Converse with the document
and ConverseStream with the events. A boto3 client takes it for Bedrock.
"""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulators.bedrock_rules import faults
from tests.event_streams import CONTENT_TYPE
from tests.upstreams import Answer, Connection, Received, stream, whole

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "eu-central-1"
API_KEY = "bedrock-api-key-YmVkcm9jaw"
REQUEST_ID = "5f0b6a2e-3c1d-4a57-9f0e-0d9a6c0e7b11"
_ROUTE = re.compile(r"/model/([^/]+)/(converse|converse-stream)")
_SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
_MAX_SKEW = dt.timedelta(minutes=5)


class AwsError(msgspec.Struct, frozen=True):
    """An error as AWS says it."""

    status: int
    name: str
    message: str


class BedrockEmulator:
    """Answers requests.

    Args:
        document: what Converse answers.
        stream: what ConverseStream answers, in the pieces in which it is sent.
        error: what both answer instead, once a request is in order.
        token: session token that must come with the signature.
        text_with_results: whether the model takes words beside results of tools.
    """

    def __init__(
        self,
        document: dict[str, Any] | None = None,
        stream: Iterable[bytes] = (),
        *,
        error: AwsError | None = None,
        token: str | None = None,
        text_with_results: bool = True,
    ) -> None:
        self._document = document or {}
        self._stream = tuple(stream)
        self._error = error
        self._token = token
        self._text_with_results = text_with_results

    async def __call__(self, connection: Connection, request: Received) -> None:
        """Answer one request."""
        error = self.fault(request) or self._error
        if error is not None:
            await _refused(error)(connection, request)
        elif request.target.endswith("/converse-stream"):
            pieces = stream(self._stream, content_type=CONTENT_TYPE, headers={"x-amzn-requestid": REQUEST_ID})
            await pieces(connection, request)
        else:
            await whole(self._document, headers={"x-amzn-requestid": REQUEST_ID})(connection, request)

    def fault(self, request: Received) -> AwsError | None:
        """Return the error that a request meets; None if it is in order."""
        route = _ROUTE.fullmatch(request.target)
        if route is None or request.method != "POST":
            return AwsError(404, "UnknownOperationException", "No such operation.")
        return self._unauthorized(request) or self._invalid(request, *route.groups())

    def _invalid(self, request: Received, model: str, operation: str) -> AwsError | None:
        if ":" in model or not request.headers.get("content-type", "").startswith("application/json"):
            return AwsError(400, "ValidationException", "The provided request is not valid")
        wrong = faults(
            request.json(),
            stream=operation == "converse-stream",
            model=unquote(model),
            text_with_results=self._text_with_results,
        )
        return AwsError(400, "ValidationException", wrong[0]) if wrong else None

    def _unauthorized(self, request: Received) -> AwsError | None:
        given = request.headers.get("authorization", "")
        if given.startswith("Bearer "):
            is_right = given == f"Bearer {API_KEY}"
            return None if is_right else AwsError(403, "AccessDeniedException", "Authentication failed")
        parts = _SIGNATURE.fullmatch(given)
        if parts is None:
            return AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        if parts[1] != ACCESS_KEY or request.headers.get("x-amz-security-token") != self._token:
            words = "The security token included in the request is invalid."
            return AwsError(403, "UnrecognizedClientException", words)
        stamp = request.headers.get("x-amz-date", "")
        sent = dt.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        if abs(dt.datetime.now(dt.UTC) - sent) > _MAX_SKEW:
            return AwsError(403, "InvalidSignatureException", f"Signature expired: {stamp} is now earlier")
        names = parts[5].split(";")
        is_complete = {"host", "x-amz-date"} <= set(names) and (parts[3], parts[4]) == (REGION, "bedrock")
        if not is_complete or _signature(request, names, stamp, self._token) != parts[6]:
            words = "The request signature we calculated does not match the signature you provided."
            return AwsError(403, "InvalidSignatureException", words)
        return None


def _signature(request: Received, names: list[str], stamp: str, token: str | None) -> str:
    """Return what botocore signs what arrived with."""
    headers = {name: request.headers.get(name, "") for name in names}
    url = f"http://{request.headers['host']}{request.target}"
    again = AWSRequest(request.method, url, headers=headers, data=request.body)
    again.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY, token), "bedrock", REGION)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    signature: str = signer.signature(text, again)
    return signature


def _refused(error: AwsError) -> Answer:
    headers = {
        "x-amzn-requestid": REQUEST_ID,
        "x-amzn-errortype": f"{error.name}:http://internal.amazon.com/coral/com.amazon.bedrock/",
    }
    return whole({"message": error.message}, status=error.status, headers=headers)

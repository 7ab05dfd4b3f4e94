"""Requests to AWS: signed as AWS wants it over a real socket, by credentials from wherever they are."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from app.domain.errors import UpstreamTimeout, UpstreamUnauthorized
from app.providers.authorization import Authorization
from app.providers.aws_auth import AwsSignature, bedrock_key
from app.providers.aws_chain import KEY_VARIABLE
from app.providers.transport import AiohttpTransport
from tests.emulators.bedrock import ACCESS_KEY, API_KEY, REGION, SECRET_KEY, BedrockEmulator
from tests.upstreams import Upstream, whole

MODEL = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-v1:0"
PATH = "model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-sonnet-4-5-v1%3A0/converse"  # noqa: E501 (as long as they are)
BODY = json.dumps({"messages": [{"role": "user", "content": [{"text": "Grüße"}]}]}).encode()
ANSWER: dict[str, Any] = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
    "metrics": {"latencyMs": 1},
}
ROOT = Path(__file__).resolve().parents[3]
KEYS = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}
_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away whatever credentials this machine may have."""
    for name in (*_VARIABLES, KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    transport = AiohttpTransport()
    yield transport
    await transport.aclose()


async def _asked(
    transport: AiohttpTransport, upstream: Upstream, authorization: Authorization
) -> tuple[int, Any]:
    """Send a request as `app/providers/http.py` does."""
    base = httpx.URL(upstream.base_url)
    request = httpx.Request(
        "POST",
        base.copy_with(raw_path=f"/{PATH}".encode()),
        headers={"content-type": "application/json", "user-agent": "handrail"},
        content=BODY,
    )
    request.headers.update(await authorization.headers(request, asyncio.get_running_loop().time() + 10))
    response = await transport.handle_async_request(request)
    body = json.loads(await response.aread())
    await response.aclose()
    return response.status_code, body


async def test_a_signature_is_accepted_and_the_path_arrives_as_signed(
    transport: AiohttpTransport,
) -> None:
    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        assert await _asked(transport, upstream, AwsSignature(REGION, **KEYS)) == (200, ANSWER)
        assert upstream.requests[0].target == f"/{PATH}"


async def test_a_session_token_goes_with_it(transport: AiohttpTransport) -> None:
    authorization = AwsSignature(REGION, **KEYS, session_token="FQoGZXIvYXdzEJr")
    async with Upstream(BedrockEmulator(ANSWER, token="FQoGZXIvYXdzEJr"), path="") as upstream:
        assert await _asked(transport, upstream, authorization) == (200, ANSWER)
        assert (await _asked(transport, upstream, AwsSignature(REGION, **KEYS)))[0] == 403


async def test_an_api_key_needs_no_signature(transport: AiohttpTransport) -> None:
    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        assert await _asked(transport, upstream, bedrock_key(API_KEY)) == (200, ANSWER)
        assert (await _asked(transport, upstream, bedrock_key("another")))[0] == 403


@pytest.mark.parametrize(
    "wrong",
    [{"region": "us-east-1"}, {"secret_access_key": "another"}, {"access_key_id": "AKIAIOSFODNN7ANOTHER"}],
)
async def test_a_wrong_signature_is_refused(transport: AiohttpTransport, wrong: dict[str, str]) -> None:
    authorization = AwsSignature(**{"region": REGION, **KEYS, **wrong})
    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        assert (await _asked(transport, upstream, authorization))[0] == 403


async def test_credentials_are_taken_from_the_environment(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    authorization = AwsSignature(REGION)
    assert authorization.secrets() == ()
    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        assert await _asked(transport, upstream, authorization) == (200, ANSWER)
    assert authorization.secrets() == (SECRET_KEY,)


async def test_an_api_key_in_the_environment_comes_first(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, API_KEY)
    authorization = AwsSignature(REGION)
    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        assert await _asked(transport, upstream, authorization) == (200, ANSWER)
        assert await _asked(transport, upstream, AwsSignature(REGION, **KEYS)) == (200, ANSWER)
        assert [one.headers["authorization"][:6] for one in upstream.requests] == ["Bearer", "AWS4-H"]
    assert authorization.secrets() == (API_KEY,)


def test_half_of_the_keys_is_a_mistake() -> None:
    for half in ({"access_key_id": ACCESS_KEY}, {"secret_access_key": SECRET_KEY}):
        with pytest.raises(ValueError, match="only of use together"):
            AwsSignature(REGION, **half)


async def test_credentials_are_taken_from_a_profile_of_the_shared_files(
    transport: AiohttpTransport, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        f"[team]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
    )
    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        assert await _asked(transport, upstream, AwsSignature(REGION, profile="team")) == (200, ANSWER)


async def test_many_who_wait_for_credentials_share_one_search(
    transport: AiohttpTransport, tmp_path: Path
) -> None:
    calls = _process(tmp_path, life_s=3600)
    authorization = AwsSignature(REGION, profile="job")
    async with Upstream(BedrockEmulator(ANSWER, token="temporary"), path="") as upstream:
        answers = await asyncio.gather(*(_asked(transport, upstream, authorization) for _ in range(8)))
    assert {status for status, _ in answers} == {200}
    assert calls.read_text() == "x"
    assert authorization.secrets() == (SECRET_KEY, "temporary")


async def test_credentials_about_to_end_are_renewed_while_requests_go_on(
    transport: AiohttpTransport, tmp_path: Path
) -> None:
    calls = _process(tmp_path, life_s=300)
    authorization = AwsSignature(REGION, profile="job")
    async with Upstream(BedrockEmulator(ANSWER, token="temporary"), path="") as upstream:
        assert (await _asked(transport, upstream, authorization))[0] == 200
        begun_s = time.monotonic()
        authorization._again_at_s = 0.0
        assert (await _asked(transport, upstream, authorization))[0] == 200
        assert time.monotonic() - begun_s < 0.25  # the process takes longer
        assert authorization._flight is not None
        await authorization._flight
    assert len(calls.read_text()) > 1


async def test_credentials_come_from_a_containers_endpoint(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "AccessKeyId": ACCESS_KEY,
        "SecretAccessKey": SECRET_KEY,
        "Token": "temporary",
        "Expiration": _in(3600),
    }
    async with Upstream(whole(given)) as container:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{container.base_url}/credentials")
        async with Upstream(BedrockEmulator(ANSWER, token="temporary"), path="") as upstream:
            assert await _asked(transport, upstream, AwsSignature(REGION)) == (200, ANSWER)


async def test_a_profile_may_name_a_role_to_assume(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[source]\naws_access_key_id = AKIAIOSFODNN7SOURCE1\naws_secret_access_key = source\n"
    )
    (tmp_path / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/gateway\nsource_profile = source\n"
        "region = eu-central-1\n"
    )
    answer = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>{ACCESS_KEY}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>"
        f"<SessionToken>assumed</SessionToken><Expiration>{_in(3600)}</Expiration></Credentials>"
        "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/gateway/x</Arn>"
        "<AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
    )
    async with Upstream(whole(answer.encode(), content_type="text/xml"), path="") as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.base_url)
        async with Upstream(BedrockEmulator(ANSWER, token="assumed"), path="") as upstream:
            assert await _asked(transport, upstream, AwsSignature(REGION, profile="role")) == (200, ANSWER)
        assert b"Action=AssumeRole" in sts.requests[0].body


async def test_without_credentials_it_says_where_it_looked() -> None:
    authorization = AwsSignature(REGION)
    request = httpx.Request("POST", "https://x.amazonaws.com/model/a/converse")
    with pytest.raises(UpstreamUnauthorized, match=r"AWS_ACCESS_KEY_ID.*~/\.aws/.*container") as first:
        await authorization.headers(request, asyncio.get_running_loop().time() + 10)
    with pytest.raises(UpstreamUnauthorized) as second:  # at once: the first search stands for a while
        await authorization.headers(request, asyncio.get_running_loop().time() + 10)
    assert first.value.message == second.value.message


async def test_a_profile_that_does_not_exist_is_named() -> None:
    request = httpx.Request("POST", "https://x.amazonaws.com/model/a/converse")
    with pytest.raises(UpstreamUnauthorized, match=r"ProfileNotFound.*profile 'nobody'"):
        await AwsSignature(REGION, profile="nobody").headers(request, asyncio.get_running_loop().time() + 10)


async def test_who_waits_no_longer_gives_up_alone(tmp_path: Path) -> None:
    calls = _process(tmp_path, life_s=3600)
    authorization = AwsSignature(REGION, profile="job")
    request = httpx.Request("POST", "https://x.amazonaws.com/model/a/converse")
    now_s = asyncio.get_running_loop().time()
    patient = asyncio.ensure_future(authorization.headers(request, now_s + 10))
    with pytest.raises(UpstreamTimeout):
        await authorization.headers(request, now_s + 0.05)
    assert "authorization" in await patient
    assert calls.read_text() == "x"


async def test_botocore_sends_the_same_path() -> None:
    def converse(url: str) -> None:
        client = boto3.client(
            "bedrock-runtime",
            region_name=REGION,
            endpoint_url=url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        with contextlib.closing(client):
            client.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "Hi"}]}])

    async with Upstream(BedrockEmulator(ANSWER), path="") as upstream:
        await asyncio.to_thread(converse, upstream.base_url)
        assert upstream.requests[0].target == f"/{PATH}"


def test_who_does_not_ask_aws_does_not_pay_for_its_library() -> None:
    code = "import sys, app.providers.aws_auth; print('botocore' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout == "False\n"


def _process(folder: Path, *, life_s: float) -> Path:
    """Configure the profile `job`, whose credentials a process gives; return where it notes its calls."""
    calls, script = folder / "calls", folder / "job.py"
    document = {
        "Version": 1,
        "AccessKeyId": ACCESS_KEY,
        "SecretAccessKey": SECRET_KEY,
        "SessionToken": "temporary",
        "Expiration": _in(life_s),
    }
    script.write_text(
        f"import time\nopen({str(calls)!r}, 'a').write('x')\ntime.sleep(0.4)\n"
        f"print({json.dumps(document)!r})\n"
    )
    (folder / "config").write_text(f"[profile job]\ncredential_process = {sys.executable} -S {script}\n")
    return calls


def _in(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))

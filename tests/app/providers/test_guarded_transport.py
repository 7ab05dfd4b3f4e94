import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.guarded_transport import (
    AddressRefused,
    GuardedTransport,
    is_no_metadata,
    is_public,
    is_reachable,
)
from tests.internals import PRIVATE, PUBLIC, SECRET, Inside, Names, is_outside
from tests.upstreams import Upstream, whole


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1",
        "198.51.100.1",
        "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fc00::1", "fd00:ec2::254", "fec0::1",
        "ff02::1",
        "2001:db8::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "2002:7f00:1::",
        "2002:808:808::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2001:0:7f00:1::", "100::1",
        "", "localhost", "127.1", "2130706433", "0x7f000001",
    ],
)  # fmt: skip
def test_all_others_are_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd12::1", "::ffff:10.0.0.1"],
)
def test_a_private_network_and_this_machine_can_be_reached(address: str) -> None:
    assert is_reachable(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "168.63.129.16",
        "192.0.0.192", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "64:ff9b::a9fe:a9fe", "0.0.0.0",
        "::", "224.0.0.1", "255.255.255.255", "", "localhost", "2130706433",
    ],
)  # fmt: skip
def test_where_clouds_tell_credentials_never_can(address: str) -> None:
    assert not is_reachable(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe", "168.63.129.16", "192.0.0.192", "100.100.100.200", "fd00:ec2::254",
        "fd20:ce::254", "", "localhost",
    ],
)  # fmt: skip
def test_an_operators_service_is_never_where_a_cloud_tells_credentials(address: str) -> None:
    assert not is_no_metadata(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.0.0.6", "100.64.0.7", "fd12::1", "192.0.2.1", "8.8.8.8", "2001:db8::1"],
)
def test_it_may_be_anywhere_else(address: str) -> None:
    assert is_no_metadata(address)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_no_more_public_than_by_itself(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(f"64:ff9b::{address}") == is_public(str(address))


async def ask(
    url: str, names: Names | None = None, *ports: int, hosts: tuple[str, ...] | None = None
) -> bytes:
    async with GuardedTransport(
        allow_hosts=hosts, allow_ports=ports, allows=is_outside, resolver=names or Names()
    ) as transport:
        response = await transport.handle_async_request(httpx.Request("GET", url))
        try:
            return await response.aread()
        finally:
            await response.aclose()


async def test_what_may_be_asked_is_asked_under_its_name() -> None:
    async with Upstream(whole(b"ok")) as upstream:
        names = Names(a_example=[[PUBLIC]])
        assert await ask(f"http://a.example:{upstream.port}/x?y=1", names, upstream.port) == b"ok"
    assert upstream.requests[0].headers == {
        "host": f"a.example:{upstream.port}",
        "connection": "close",
    }
    assert upstream.requests[0].target == "/x?y=1"


@pytest.mark.parametrize(
    "answer", [[PRIVATE], [PUBLIC, PRIVATE], [PRIVATE, PUBLIC], ["::1"], [PUBLIC, "::1"], ["::ffff:7f00:2"]]
)
async def test_a_name_with_a_private_address_is_refused(answer: list[str]) -> None:
    async with Inside(whole(SECRET)) as inside, Upstream(whole(b"ok")) as upstream:
        for port in (inside.port, upstream.port):
            with pytest.raises(AddressRefused):
                await ask(f"http://a.example:{port}/", Names(a_example=[answer]), port)
    assert (inside.connections, upstream.connections) == ([], [])


async def test_a_name_that_changes_is_looked_up_once_for_each_connection() -> None:
    async with Inside(whole(SECRET)) as inside:
        names = Names(a_example=[[PUBLIC], [PRIVATE]])
        with pytest.raises(httpx.ConnectError):  # nobody listens at the public address
            await ask(f"http://a.example:{inside.port}/", names, inside.port)
    assert names.asked == ["a.example"]
    assert inside.connections == []


@pytest.mark.parametrize(
    "host",
    [
        PRIVATE, "127.0.0.2.", "2130706434", "0x7f000002", "0x7f.0.0.2", "0177.0.0.2", "127.2", "127.0.2",
        "0", "[::1]",
        "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[64:ff9b::7f00:2]", "[2002:7f00:2::]", "[fe80::1]",
        "[::]", "0.0.0.0",
        "u@127.0.0.1", "u:p@127.0.0.1", "a%00.example", "a b.example",
        "00000177.0.0.2", "017700000002", "0177.0x0.0.2", "127.0.0.0x2", "127.0.0.2%2e",
        "[0:0:0:0:0:ffff:7f00:2]", "[::ffff:127.0.0.2%25lo]",
        "\uff11\uff12\uff17.0.0.2", "127\u30020\u30020\u30022", "127.0.0.2\uff0e", "\u246b7.0.0.2",
        "127.0.0.2\u200b", "xn--7-0ri.0.0.2",
    ],
)  # fmt: skip
async def test_no_spelling_of_a_private_address_is_asked(host: str) -> None:
    async with Inside(whole(SECRET)) as inside:
        with pytest.raises((AddressRefused, httpx.InvalidURL)):
            await ask(f"http://{host}:{inside.port}/", None, inside.port)
    assert inside.connections == []


async def test_a_socket_is_only_made_for_an_address_that_passes() -> None:
    answers = [True, False]  # the host, then what is connected to
    async with (
        Inside(whole(SECRET)) as inside,
        GuardedTransport(allow_ports=(inside.port,), allows=lambda _: answers.pop(0)) as transport,
    ):
        with pytest.raises(AddressRefused):
            await transport.handle_async_request(httpx.Request("GET", f"http://{PRIVATE}:{inside.port}/"))
    assert inside.connections == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://a.example:22/",
        "https://a.example:80/",
        "/x",
        "http:///x",
    ],
)
async def test_other_schemes_and_ports_are_refused(url: str) -> None:
    names = Names(a_example=[[PUBLIC]])
    with pytest.raises(AddressRefused):
        await ask(url, names)
    assert names.asked == []


@pytest.mark.parametrize("host", ["b.example", "a.example.evil.example", "xa.example", PUBLIC])
async def test_only_listed_hosts_are_asked(host: str) -> None:
    async with Upstream(whole(b"ok")) as upstream:
        names = Names(a_example=[[PUBLIC]], b_example=[[PUBLIC]])
        assert (
            await ask(f"http://A.example.:{upstream.port}/", names, upstream.port, hosts=("a.example",))
            == b"ok"
        )
        with pytest.raises(AddressRefused):
            await ask(f"http://{host}:{upstream.port}/", names, upstream.port, hosts=("a.example",))


async def test_an_unknown_name_is_a_connect_error() -> None:
    with pytest.raises(httpx.ConnectError) as caught:
        await ask("http://nowhere.example/")
    assert not isinstance(caught.value, AddressRefused)

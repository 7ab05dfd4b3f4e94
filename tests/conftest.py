"""What holds for every test: no network beyond this machine, no skip in CI, one real model for those who ask.

Nothing else belongs here: what a few tests share stands in a module they import, such as `tests/servers.py`.
"""

import os
import socket
import sys
from collections.abc import Generator, Iterator
from ipaddress import ip_address

import pytest

from app.demo.model import LocalModel

_LOOPBACK_NAMES = frozenset({"localhost", "", "0.0.0.0", "::"})


class OutsideNetworkError(AssertionError):
    """A test tried to reach another machine."""


def _keep_inside(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse sockets to other machines and look-ups of their names (audit events of CPython's sockets).

    Names under `.invalid` never exist (RFC 6761 section 6.4): they get the answer that a resolver would give.
    """
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # others are Unix sockets
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or not isinstance(name, str) or name in _LOOPBACK_NAMES or _is_loopback(name):
        return
    if name.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    raise OutsideNetworkError(f"{event}: tests stay on this machine, not {name}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


sys.addaudithook(_keep_inside)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where CI is set: there, everything a test needs has to be there."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _fail_in_ci(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """As above, for files that skip as a whole."""
    report = yield
    if report.skipped:
        _fail_in_ci(report, collector.nodeid)
    return report


def _fail_in_ci(report: pytest.TestReport | pytest.CollectReport, nodeid: str) -> None:
    if os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{nodeid} skipped, and in CI nothing may skip: {report.longrepr}"


@pytest.fixture(scope="session")
def model_url() -> Iterator[str]:
    """Serve the real small model and yield its base URL. It is slow on a busy machine: ask for few tokens."""
    with LocalModel() as model:
        yield model.base_url

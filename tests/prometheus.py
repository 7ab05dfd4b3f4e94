"""Prometheus's own programs: a real one that scrapes, and its opinion of what `/metrics` says."""

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from app.demo.children import free_port
from tests.debian import program

_PACKAGE = "prometheus"
_START_S = 30.0


def promtool() -> str:
    """Return where the program is; skip the test if it is nowhere."""
    return program("promtool", _PACKAGE)


def complaints(text: str) -> str:
    """Return what promtool has against metrics in Prometheus's text format; nothing if all is well."""
    command = (promtool(), "check", "metrics")
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


class Prometheus:
    """A running one."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an expression, as they are now."""
        with urlopen(f"{self._url}/query?{urlencode({'query': expression})}") as reply:
            said = json.load(reply)
        assert said["status"] == "success", said
        found: list[dict[str, Any]] = said["data"]["result"]
        return found

    def has_scraped(self) -> bool:
        """Whether the target has answered; it is not asked for some seconds after the start."""
        return bool(self.ask("up == 1"))

    def rules(self) -> Mapping[str, str]:
        """Return the health of each rule, by its name."""
        with urlopen(f"{self._url}/rules") as reply:
            groups = json.load(reply)["data"]["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}


@contextlib.contextmanager
def prometheus(folder: Path, target: str, rules: Path, scrape: str = "250ms") -> Iterator[Prometheus]:
    """Run one that scrapes a target.

    Args:
        folder: for its configuration and its data.
        target: host and port.
        rules: a file of alerts.
        scrape: how often it asks.
    """
    configuration = {
        "global": {"scrape_interval": scrape, "evaluation_interval": scrape},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "handrail", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yaml").write_text(json.dumps(configuration))  # JSON is YAML
    port = free_port()
    command = [
        program("prometheus", _PACKAGE),
        f"--config.file={folder}/prometheus.yaml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with (folder / "prometheus.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            asked = Prometheus(port)
            _wait(asked.has_scraped, process, folder / "prometheus.log")
            yield asked
        finally:
            process.terminate()


def _wait(is_so: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            if is_so():
                return
        time.sleep(0.05)
    raise AssertionError(f"prometheus scraped nothing in {_START_S} s:\n{log.read_text()}")

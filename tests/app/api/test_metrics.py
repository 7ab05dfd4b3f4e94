"""The route alone; who may read it is tried in tests/app/test_metering.py."""

import httpx

from app.access.keys import Keyring
from app.api.metrics import ScrapeGuard, metrics_route
from telemetry import instruments as of
from telemetry.metrics import Point
from tests.gateways import Gateway


async def test_accept_says_in_which_form_metrics_come() -> None:
    guard = ScrapeGuard(Keyring({}), None, is_open=True)
    route = metrics_route(guard, lambda: {of.WORKERS.name: [Point((), 2.0)]})
    async with Gateway(reports=[route]).client() as client:
        plain: httpx.Response = await client.get("/metrics")
        exact = await client.get("/metrics", headers={"accept": "application/openmetrics-text"})
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert exact.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert plain.text.splitlines()[-1] == "handrail_workers 2"
    assert exact.text.splitlines()[-2:] == ["handrail_workers 2", "# EOF"]
    assert plain.headers["cache-control"] == "no-store"

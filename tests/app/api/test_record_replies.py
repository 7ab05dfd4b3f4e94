from decimal import Decimal

from app.api.record_replies import json_reply


def test_what_is_on_record_is_kept_by_nobody_on_the_way() -> None:
    reply = json_reply({"cost_usd": Decimal("0.5")})
    assert (reply.content, reply.headers["cache-control"]) == (b'{"cost_usd":0.5}', "no-store")

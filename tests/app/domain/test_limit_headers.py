"""What a caller gets of a provider's headers: numbers, durations and moments by these names, nothing else."""

from app.domain.limit_headers import limit_headers


def test_what_is_left_of_limits_comes_through_and_nothing_else() -> None:
    given = [
        (b"X-RateLimit-Remaining-Requests", b"59"),
        (b"x-ratelimit-reset-tokens", b"6m0s"),
        (b"anthropic-ratelimit-tokens-reset", b"2026-01-01T00:00:00Z"),
        (b"x-ratelimit-limit", b"10000, 10000;window=60"),
        (b"openai-processing-ms", b"431"),
        (b"openai-version", b"2020-10-01"),
    ]
    withheld = [
        (b"openai-organization", b"7-operators"),
        (b"openai-project", b"1"),
        (b"set-cookie", b"1"),
        (b"server", b"1"),
        (b"retry-after", b"1"),
        (b"x-ratelimit-key", b"sk-of-the-operator"),
        (b"x-ratelimit-split", b"1\r\nx: y"),
        (b"x-ratelimit-\xff", b"1"),
        (b"x-ratelimit-long", b"1" * 65),
        (b"x-ratelimit-empty", b""),
    ]
    assert limit_headers(given + withheld) == tuple((name.lower(), value) for name, value in given)


def test_only_so_many_come_through() -> None:
    assert len(limit_headers([(b"x-ratelimit-%d" % number, b"1") for number in range(99)])) == 32

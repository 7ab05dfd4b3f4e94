import random
import time
import uuid

from app.domain.ids import uuid7

BITS = random.Random().getrandbits


def test_an_id_is_a_valid_uuid_of_version_7() -> None:
    made = uuid.UUID(uuid7(BITS))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_an_id_is_written_as_uuids_are() -> None:
    text = uuid7(BITS)
    assert text == str(uuid.UUID(text))


def test_an_id_begins_with_the_time_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = uuid.UUID(uuid7(BITS)).int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_ids_of_later_milliseconds_sort_behind() -> None:
    first = uuid7(BITS)
    time.sleep(0.002)
    assert first < uuid7(BITS)


def test_ids_differ_in_all_their_random_bits() -> None:
    made = [uuid.UUID(uuid7(BITS)).int for _ in range(2_000)]
    random = [(number >> 64 & 0xFFF) << 62 | number & ((1 << 62) - 1) for number in made]
    assert len(set(random)) == len(random)
    for bit in range(74):
        assert 0 < sum(number >> bit & 1 for number in random) < len(random)

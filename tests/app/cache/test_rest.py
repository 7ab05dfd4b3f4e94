from app.cache.rest import FAILURES, REST_S, Rest


def test_a_service_rests_after_so_many_failures_in_a_row_and_no_longer_than_that() -> None:
    now = [0.0]
    rest = Rest(lambda: now[0])
    assert [rest.note_failure() for _ in range(FAILURES)] == [False, False, True]
    assert rest.lasts
    now[0] = REST_S - 0.001
    assert rest.lasts
    now[0] = REST_S
    assert not rest.lasts


def test_one_that_fails_again_after_its_rest_rests_again_and_is_said_to_be_away_once() -> None:
    now = [0.0]
    rest = Rest(lambda: now[0])
    for _ in range(FAILURES):
        rest.note_failure()
    now[0] = REST_S
    assert not rest.note_failure()
    assert rest.lasts


def test_a_success_between_failures_forgets_them_and_tells_whether_it_was_away() -> None:
    rest = Rest(lambda: 0.0)
    for _ in range(FAILURES - 1):
        rest.note_failure()
    assert not rest.note_success()
    for _ in range(FAILURES - 1):
        rest.note_failure()
    assert not rest.lasts
    rest.note_failure()
    assert rest.note_success()

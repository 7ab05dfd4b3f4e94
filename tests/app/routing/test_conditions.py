"""What conditional strategies ask: each operator against a plain evaluator, where we part from Portkey."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.conditions import MAX_QUERY_DEPTH, Facts, asked, read_query
from app.routing.config_error import ConfigError

FACTS = Facts(
    metadata={
        "plan": "paid",
        "seats": 5,
        "beta": True,
        "none": None,
        "a": {"b": 1},
        "a.c": 2,
        "version": "18.2.0",
        "blank": "  7 seats",
    },
    params={"model": "gpt-4o", "temperature": 0.7, "max_tokens": 1_000, "response_format": {"type": "text"}},
    pathname="/v1/chat/completions",
)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"$and": []},
        {"metadata.plan": "paid"},
        {"metadata.none": None},
        {"metadata.seats": {"$eq": 5.0}},
        {"metadata.plan": {"$ne": "free"}},
        {"metadata.missing": {"$ne": "free"}},
        {"metadata.missing": {"$nin": ["free"]}},
        {"metadata.plan": {"$in": ["free", "paid"]}},
        {"metadata.plan": {"$regex": "^pa", "$ne": "part"}},
        {"metadata.seats": {"$gt": 4, "$lt": "6"}},
        {"metadata.seats": {"$gte": 5, "$lte": 5}},
        {"metadata.version": {"$gte": "17.1"}},
        {"metadata.blank": {"$gt": " 6.5"}},
        {"metadata.seats": {"$regex": "^5$"}},
        {"metadata.beta": {"$regex": "^true$"}},
        {"metadata.a.b": 1},
        {"metadata.a.c": 2},
        {"params.response_format.type": "text"},
        {"url.pathname": {"$regex": "/chat/"}},
        {"$or": [{"metadata.plan": "free"}, {"$and": [{"params.model": "gpt-4o"}, {"metadata.beta": True}]}]},
    ],
)
def test_a_query_holds(query: dict[str, Any]) -> None:
    assert asked(read_query(query, "q"))(FACTS)


@pytest.mark.parametrize(
    "query",
    [
        {"$or": []},
        {"metadata.plan": "free"},
        {"metadata.seats": "5"},
        {"metadata.beta": 1},
        {"metadata.missing": None},
        {"metadata.missing": {"$eq": "undefined"}},
        {"metadata.missing": {"$regex": "undefined"}},
        {"metadata.none": {"$regex": "null"}},
        {"metadata.missing": {"$lt": 5}},
        {"metadata.beta": {"$gte": 0}},
        {"metadata.plan": {"$in": []}},
        {"metadata.a": {"$in": [1]}},
        {"metadata.a.b.c": 1},
        {"params.temperature": {"$gt": 0.7}},
    ],
)
def test_a_query_does_not_hold(query: dict[str, Any]) -> None:
    assert not asked(read_query(query, "q"))(FACTS)


@pytest.mark.parametrize(
    "query",
    [
        {"metadata.plan": {"$regex": "paid", "$eq": "free"}},
        {"$or": [{"metadata.plan": "paid"}], "metadata.seats": 6},
        {"$and": [{"metadata.plan": "paid"}], "metadata.seats": 6},
    ],
)
def test_what_stands_behind_a_pattern_or_a_logical_operator_counts_too(query: dict[str, Any]) -> None:
    assert not asked(read_query(query, "q"))(FACTS)


def test_an_order_reads_numbers_too_large_for_a_double() -> None:
    assert asked(read_query({"params.n": {"$gt": 1e300}}, "q"))(Facts(params={"n": 10**400}))
    assert asked(read_query({"params.n": {"$lt": 0}}, "q"))(Facts(params={"n": -(10**400)}))
    assert not asked(read_query({"params.n": {"$gt": 0}}, "q"))(Facts(params={"n": float("nan")}))


def test_half_a_surrogate_pair_matches_no_pattern() -> None:
    assert not asked(read_query({"params.n": {"$regex": "."}}, "q"))(Facts(params={"n": "\ud800"}))


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        ([], "q", "expected an object"),
        ({"plan": "paid"}, "q.plan", "names no place"),
        ({"metadata": "paid"}, "q.metadata", "names no place"),
        ({"header.x": "paid"}, "q.header.x", "names no place"),
        ({"url.host": "a"}, "q.url.host", r"url\.pathname"),
        ({"$not": []}, "q.$not", r"\$and, \$or"),
        ({"$or": {}}, "q.$or", "expected an array"),
        ({"$and": [{"metadata.a": {"$egt": 1}}]}, "q.$and[0].metadata.a.$egt", r"did you mean \$"),
        ({"metadata.a": {}}, "q.metadata.a", "no operator"),
        ({"metadata.a": [1]}, "q.metadata.a", "got an array"),
        ({"metadata.a": {"$eq": {}}}, "q.metadata.a.$eq", "got an object"),
        ({"metadata.a": {"$in": "x"}}, "q.metadata.a.$in", "expected an array"),
        ({"metadata.a": {"$in": [[1]]}}, "q.metadata.a.$in[0]", "got an array"),
        ({"metadata.a": {"$gt": "abc"}}, "q.metadata.a.$gt", "expected a number"),
        ({"metadata.a": {"$gt": True}}, "q.metadata.a.$gt", "expected a number"),
        ({"metadata.a": {"$regex": "("}}, "q.metadata.a.$regex", "RE2"),
        ({"metadata.a": {"$regex": "(?=x)"}}, "q.metadata.a.$regex", "RE2"),
        ({"metadata.a": {"$regex": "\ud800"}}, "q.metadata.a.$regex", "surrogate"),
        ({"metadata.a": {"$regex": 5}}, "q.metadata.a.$regex", "expected a string"),
    ],
)
def test_what_is_no_query_is_refused_with_its_path(query: Any, path: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_query(query, "q")
    assert caught.value.path == path


def test_a_query_may_nest_so_deep_and_no_deeper() -> None:
    query: dict[str, Any] = {"metadata.plan": "paid"}
    for _ in range(MAX_QUERY_DEPTH - 1):
        query = {"$and": [query]}
    assert asked(read_query(query, "q"))(FACTS)
    with pytest.raises(ConfigError, match="deeper than 8"):
        read_query({"$or": [query]}, "q")


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, -1.5, 2.0])
    | st.sampled_from(["", "a", "ab", "1", "2.5", "-3x", " 2", "true"])
)
KEYS = st.sampled_from(["metadata.a", "metadata.b", "params.a", "params.b.c", "url.pathname"])
NUMBERS = st.integers(-3, 3) | st.sampled_from(["1", "-2.5", "0"])
TESTS = (
    SCALARS
    | st.dictionaries(st.sampled_from(["$eq", "$ne"]), SCALARS, min_size=1)
    | st.dictionaries(st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), NUMBERS, min_size=1)
    | st.dictionaries(st.sampled_from(["$in", "$nin"]), st.lists(SCALARS, max_size=3), min_size=1)
    | st.fixed_dictionaries({"$regex": st.sampled_from(["a", "^1", "[0-9]$", "^$", "rue"]), "$ne": SCALARS})
)
QUERIES = st.recursive(
    st.dictionaries(KEYS, TESTS, max_size=2),
    lambda inner: st.tuples(
        st.dictionaries(st.sampled_from(["$and", "$or"]), st.lists(inner, max_size=3)),
        st.dictionaries(KEYS, TESTS, max_size=1),
    ).map(lambda pair: pair[0] | pair[1]),
    max_leaves=6,
)
HELD = st.dictionaries(st.sampled_from(["a", "b"]), SCALARS | st.fixed_dictionaries({"c": SCALARS}))


@given(QUERIES, HELD, HELD, st.sampled_from(["", "/v1", "a"]))
def test_a_query_means_what_a_plain_evaluator_says(
    query: dict[str, Any], metadata: dict[str, Any], params: dict[str, Any], pathname: str
) -> None:
    plain = {"metadata": metadata, "params": params, "url": {"pathname": pathname}}
    assert asked(read_query(query, "q"))(Facts(metadata, params, pathname)) == _plainly(query, plain)


def _plainly(query: dict[str, Any], facts: dict[str, Any]) -> bool:
    results = []
    for key, value in query.items():
        if key == "$and":
            results.append(all(_plainly(one, facts) for one in value))
        elif key == "$or":
            results.append(any(_plainly(one, facts) for one in value))
        else:
            found = _at(facts, key.split("."))
            asked = value if isinstance(value, dict) else {"$eq": value}
            results += [_test(name, found, operand) for name, operand in asked.items()]
    return all(results)


def _at(value: Any, keys: list[str]) -> list[Any]:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return []
        value = value[key]
    return [value]


def _test(name: str, found: list[Any], operand: Any) -> bool:
    if name in {"$ne", "$nin"}:
        return not _test("$eq" if name == "$ne" else "$in", found, operand)
    if not found:
        return False
    value = found[0]
    if name == "$eq":
        return bool(_typed(value) == _typed(operand))
    if name == "$in":
        return _typed(value) in [_typed(one) for one in operand]
    if name == "$regex":
        text = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
        return not isinstance(text, None | dict) and re.search(operand, str(text)) is not None
    left, right = _float(value), _float(operand)
    return left is not None and right is not None and _ORDERS[name](left, right)


_ORDERS = {
    "$gt": lambda left, right: left > right,
    "$gte": lambda left, right: left >= right,
    "$lt": lambda left, right: left < right,
    "$lte": lambda left, right: left <= right,
}


def _typed(value: Any) -> Any:
    return (float, float(value)) if type(value) in {int, float} else (type(value), str(value))


def _float(value: Any) -> float | None:
    if isinstance(value, bool | None | dict):
        return None
    found = re.match(r" *(-?[0-9]+(\.[0-9]+)?)", str(value))
    return float(found[1]) if found else None

"""What the cache costs: a hit with the events of its answer, a key, a miss that is kept, a search by meaning.

    python -m tests.bench.cache_cost

CPU time, not wall time, so that a busy machine disturbs it little; the best of several rounds. With a Redis
on this machine its hit is measured, too.
"""

import asyncio
import random
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import RedisError

from app.cache.cache import Cache, Hit, Miss
from app.cache.entry import decode
from app.cache.key import Keys, Scope
from app.cache.memory import MemoryStore
from app.cache.ports import Store
from app.cache.question import Question, Rules
from app.cache.redis import RedisStore
from app.cache.redis_link import RedisLink, connect
from app.cache.sealing import Seal
from app.cache.vectors import Vector, nearest
from telemetry import logger

CALLS, ROUNDS = 2_000, 7
SECRET = bytes(range(32))
SCOPE = Scope(caller="team-a", provider="openai", model="gpt-5.6", strict=True, policy_version="v1")
SENTENCE = "The quick brown fox jumps over the lazy dog, as it always does. "
RULES = Rules(max_age_s=300.0)
ENTRIES, DIMENSIONS = 10_000, 1_536
REDIS = "redis://127.0.0.1:6379/0"


def _request() -> dict[str, Any]:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": SENTENCE * 32}]
    return {"model": "@openai/gpt-5.6", "messages": messages, "temperature": 0.2, "stream": True}


def _answer() -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": SENTENCE * 32,
        "refusal": None,
        "annotations": [],
    }
    usage = {"prompt_tokens": 500, "completion_tokens": 480, "total_tokens": 980}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5.6",
        "choices": [choice],
        "usage": usage,
    }


def _cache(store: Store) -> Cache:
    return Cache(keys=Keys(SECRET), store=store, now_s=time.time)


async def _cost_us(work: Callable[[], Awaitable[object]], calls: int = CALLS) -> float:
    rounds = []
    for _ in range(ROUNDS):
        start_s = time.process_time()
        for _ in range(calls):
            await work()
        rounds.append(time.process_time() - start_s)
    return min(rounds) / calls * 1e6


async def _hit_us(store: Store) -> float:
    """Return what a hit costs: key, look-up, the entry decoded, its events made."""
    cache, question = _cache(store), Question(scope=SCOPE, document=_request())
    found = await cache.lookup(question, RULES)
    if isinstance(found, Miss):
        await cache.store(found, _answer(), "e-1")

    async def hit() -> None:
        again = await cache.lookup(question, RULES)
        assert isinstance(again, Hit)
        assert len(list(again.entry.events())) > 2

    return await _cost_us(hit, CALLS if isinstance(store, MemoryStore) else CALLS // 10)


async def _miss_us() -> float:
    cache, request, answer = _cache(_memory()), _request(), _answer()
    numbers = iter(range(10**9))

    async def miss() -> None:
        question = Question(scope=SCOPE, document={**request, "seed": next(numbers)})
        found = await cache.lookup(question, RULES)
        assert isinstance(found, Miss)
        await cache.store(found, answer, "e-1")

    return await _cost_us(miss)


async def _key_us() -> float:
    keys, request = Keys(SECRET), _request()

    async def key() -> str:
        return keys.exact(SCOPE, request)

    return await _cost_us(key)


async def _search() -> None:
    chance = random.Random(1)
    values = [[chance.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(200)]
    tracemalloc.start()
    known = [(str(number), Vector(values[number % 200])) for number in range(ENTRIES)]
    print(f"memory of {ENTRIES} vectors of {DIMENSIONS:5} {tracemalloc.get_traced_memory()[0] / 1e6:8.1f} MB")
    tracemalloc.stop()
    vector = known[7][1]

    async def search() -> object:
        return nearest(vector, known)

    async def make() -> object:
        return Vector(values[0])

    print(f"search among them                    {await _cost_us(search, 20):8.1f} us")
    print(f"make one of them                     {await _cost_us(make, 100):8.1f} us")


async def _overhead() -> None:
    """Say what an entry takes in memory beside its value."""
    store = MemoryStore(max_bytes=10**9, max_entries=10**6, clock=time.monotonic)
    keys = [f"{number:064x}" for number in range(20_000)]
    values = [bytes(2_000) for _ in keys]
    tracemalloc.start()
    for key, value in zip(keys, values, strict=True):
        await store.put(key, value, 60.0)
    beside = tracemalloc.get_traced_memory()[0] / len(keys)
    tracemalloc.stop()
    head = bytes(0).__sizeof__() + keys[0].__sizeof__()
    print(f"memory of an entry beside its value  {beside + head:8.1f} bytes")


def _memory() -> MemoryStore:
    return MemoryStore(max_bytes=64 * 1024 * 1024, max_entries=10_000, clock=time.monotonic)


async def _with_redis() -> None:
    for name, seal in (("", None), (", sealed", Seal(SECRET))):
        log = logger("bench")
        link = RedisLink(connect(REDIS), clock=time.monotonic, log=log)
        store = RedisStore(link, prefix=f"handrail-bench{name}:", seal=seal)
        print(f"hit in Redis{name:25}{await _hit_us(store):8.1f} us")
        await store.close()


async def main() -> None:
    """Print what each costs."""
    print(f"key of a 2 kB request                {await _key_us():8.1f} us")
    store = _memory()
    print(f"hit in memory, 2 kB                  {await _hit_us(store):8.1f} us")
    key = Keys(SECRET).exact(SCOPE, _request())
    value = await store.get(key) or b""

    async def read() -> object:
        return decode(key, value)

    print(f"  of this: decode the entry          {await _cost_us(read):8.1f} us")
    print(f"miss that is kept, 2 kB              {await _miss_us():8.1f} us")
    try:
        client = connect(REDIS)
        await client.ping()
        await client.aclose()
    except (RedisError, OSError):
        print(f"no Redis at {REDIS}")
    else:
        await _with_redis()
    await _overhead()
    await _search()


if __name__ == "__main__":
    asyncio.run(main())

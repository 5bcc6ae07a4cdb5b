"""Compiled loops of the contraction: a walker's state graph becomes a hierarchy of up-links.

The ground is a *state graph*: S states joined by A arcs ``tail -- head`` with a cost ``there`` (tail to head) and ``back``
in whole milliseconds, `FAR` where there is no way. A bounded contraction hierarchy (Geisberger et al. 2008, without
witness searches, every shortcut longer than the limit dropped): states are eliminated one by one, and the neighbours of
each are joined. Chains of street vertices come first and cost next to nothing, so the network needs no simplification
beforehand; the rest goes by least degree and level. How the hierarchy is used: `yike.access.kernel`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

FAR = np.int32(1 << 29)
NEXT, PREV, TO, TWIN, OUT, IN = 0, 1, 2, 3, 4, 5  #: fields of an adjacency record
BUCKETS = 4096  #: elimination keys are small whole numbers; the last bucket takes the rest


@njit(cache=True, error_model="numpy")
def _link(rec: Any, first: Any, entry: int, owner: int) -> None:
    """Put record ``entry`` at the front of the list of ``owner``."""
    old = first[owner]
    rec[entry, NEXT] = old
    rec[entry, PREV] = -1
    if old >= 0:
        rec[old, PREV] = entry
    first[owner] = entry


@njit(cache=True, error_model="numpy")
def _unlink(rec: Any, first: Any, entry: int, owner: int) -> None:
    """Take record ``entry`` out of the list of ``owner``."""
    before, after = rec[entry, PREV], rec[entry, NEXT]
    if before >= 0:
        rec[before, NEXT] = after
    else:
        first[owner] = after
    if after >= 0:
        rec[after, PREV] = before


@njit(cache=True, error_model="numpy")
def _add(rec: Any, first: Any, degree: Any, entry: int, twin: int, x: int, y: int, out: int, into: int) -> None:
    """Use the free records ``entry`` and ``twin`` for a link of ``x`` and ``y``, whatever links they have."""
    rec[entry, TO], rec[entry, TWIN], rec[entry, OUT], rec[entry, IN] = y, twin, out, into
    rec[twin, TO], rec[twin, TWIN], rec[twin, OUT], rec[twin, IN] = x, entry, into, out
    _link(rec, first, entry, x)
    _link(rec, first, twin, y)
    degree[x] += 1
    degree[y] += 1


@njit(cache=True, error_model="numpy")
def _improve(rec: Any, entry: int, out: int, into: int) -> None:
    """Lower the costs of a link to ``out`` along record ``entry`` and ``into`` against it."""
    twin = rec[entry, TWIN]
    if out < rec[entry, OUT]:
        rec[entry, OUT] = rec[twin, IN] = out
    if into < rec[entry, IN]:
        rec[entry, IN] = rec[twin, OUT] = into


@njit(cache=True, error_model="numpy")
def _join(rec: Any, first: Any, degree: Any, pool: Any, x: int, y: int, out: int, into: int) -> None:
    """Join ``x`` and ``y`` at cost ``out`` (x to y) and ``into`` (y to x), or improve the join they have.

    ``pool[0]`` is the first free pair of records (a chain over `TWIN`'s pair), ``pool[1]`` the records in use.
    """
    if degree[y] < degree[x]:
        x, y = y, x
        out, into = into, out
    entry = first[x]
    while entry >= 0 and rec[entry, TO] != y:
        entry = rec[entry, NEXT]
    if entry >= 0:
        _improve(rec, entry, out, into)
        return
    if pool[0] >= 0:
        entry = pool[0]
        twin = rec[entry, NEXT]
        pool[0] = rec[twin, NEXT]
    else:
        entry = pool[1]
        twin = entry + 1
        pool[1] += 2
    _add(rec, first, degree, entry, twin, x, y, out, into)


@njit(cache=True, error_model="numpy")
def _halve(chain: Any, out: Any, into: Any, last: int, order: Any, up_at: Any, up: Any, cost: Any, done: Any) -> int:
    """Eliminate what is between ``chain[0]`` and ``chain[last]``, every second one at a time; return the rounds.

    ``out[i], into[i]`` are the costs from ``chain[i]`` to the next and back; afterwards ``out[0], into[0]`` those of the
    whole. ``done`` (steps, up-links) goes on counting.
    """
    rounds = 0
    while last > 1:
        kept = 0  # position of the last state kept
        for i in range(1, last, 2):
            step, link = done
            order[step], up_at[step] = chain[i], link
            up[link], cost[link, 0], cost[link, 1] = chain[kept], into[kept], out[kept]
            up[link + 1], cost[link + 1, 0], cost[link + 1, 1] = chain[i + 1], out[i], into[i]
            done[0], done[1] = step + 1, link + 2
            out[kept] = min(out[kept] + out[i], FAR)
            into[kept] = min(into[kept] + into[i], FAR)
            kept += 1
            chain[kept] = chain[i + 1]
            if i + 1 < last:
                out[kept], into[kept] = out[i + 1], into[i + 1]
        if last % 2:
            kept += 1
            chain[kept] = chain[last]
        last = kept
        rounds += 1
    return rounds


@njit(cache=True, error_model="numpy")
def _incident(tail: Any, head: Any, there: Any, back: Any, limit: int, n_states: int) -> Any:
    """Return (use, degree, one, both): which arcs are of any use, and per state how many, one of them, their sum.

    A state of two arcs knows the other by ``both - one``: a chain can be followed without any list.
    """
    use = np.empty(len(tail), np.bool_)
    degree, one, both = np.zeros(n_states, np.int32), np.zeros(n_states, np.int32), np.zeros(n_states, np.int64)
    for a in range(len(tail)):
        use[a] = tail[a] != head[a] and (there[a] <= limit or back[a] <= limit)
        if use[a]:
            for x in (tail[a], head[a]):
                degree[x] += 1
                one[x] = a
                both[x] += a
    return use, degree, one, both


@njit(cache=True, error_model="numpy")
def _chain_from(
    v: int, tail: Any, head: Any, there: Any, back: Any, incident: Any, chain: Any, out: Any, into: Any
) -> int:
    """Write the chain through ``v`` from junction to junction; return the position of its last state, 0 for a ring.

    ``out[i], into[i]`` are the costs from ``chain[i]`` to the next and back.
    """
    _, degree, one, both = incident
    x, a = v, one[v]
    while True:
        x = head[a] if tail[a] == x else tail[a]
        if degree[x] != 2:
            break
        if x == v:
            return 0
        a = both[x] - a
    chain[0] = x
    last = 0
    while True:
        ahead = tail[a] == x
        out[last] = min(there[a] if ahead else back[a], FAR)
        into[last] = min(back[a] if ahead else there[a], FAR)
        x = head[a] if ahead else tail[a]
        last += 1
        chain[last] = x
        if degree[x] != 2:
            return last
        a = both[x] - a


@njit(cache=True, error_model="numpy")
def _numbered(x: int, number: Any, core: Any, count: int) -> int:
    """Give state ``x`` the next small number if it has none; return how many are given."""
    if number[x] < 0:
        number[x] = count
        core[count] = x
        count += 1
    return count


@njit(cache=True, error_model="numpy")
def _shorten_chains(
    tail: Any, head: Any, there: Any, back: Any, limit: int, rec: Any, first: Any, degree: Any, pool: Any, level: Any,
    core: Any, order: Any, up_at: Any, up: Any, cost: Any,
) -> Any:  # fmt: skip
    """Eliminate what needs no choice: vertices between junctions, four of five states of a street map, and lone states.

    Returns (steps, up-links, states left). Those left get small numbers, ``core[number]`` is the state: what follows then
    fits the cache. Links between them, one for each chain, are written to ``rec, first, degree, pool`` by these numbers.
    Rings without a junction are left as they are.
    """
    n = len(first)
    number, count = np.full(n, -1, np.int32), 0
    incident = _incident(tail, head, there, back, limit, n)
    seen, gone = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    chain, out, into = np.empty(n + 2, np.int32), np.empty(n + 2, np.int32), np.empty(n + 2, np.int32)
    done = np.zeros(2, np.int64)
    for v in range(n):
        if incident[1][v] != 2 or seen[v]:
            continue
        last = _chain_from(v, tail, head, there, back, incident, chain, out, into)
        seen[v] = True
        for i in range(1, last):
            seen[chain[i]] = gone[chain[i]] = True
        if last > 0:
            x, y = chain[0], chain[last]
            rounds = _halve(chain, out, into, last, order, up_at, up, cost, done)
            count = _numbered(y, number, core, _numbered(x, number, core, count))
            x, y = number[x], number[y]
            level[x], level[y] = max(level[x], rounds), max(level[y], rounds)
            if x != y and (out[0] <= limit or into[0] <= limit):
                _join(rec, first, degree, pool, x, y, out[0], into[0])
    for a in range(len(tail)):
        if incident[0][a] and not gone[tail[a]] and not gone[head[a]]:
            count = _numbered(head[a], number, core, _numbered(tail[a], number, core, count))
            x, y = number[tail[a]], number[head[a]]
            _add(rec, first, degree, pool[1], pool[1] + 1, x, y, min(there[a], FAR), min(back[a], FAR))
            pool[1] += 2
    for x in range(n):
        if number[x] < 0 and not gone[x]:
            order[done[0]], up_at[done[0]] = x, done[1]
            done[0] += 1
    return done[0], done[1], count


@njit(cache=True, error_model="numpy")
def _key(degree: int, level: int) -> int:
    """Elimination key: chains and dead ends first, then by squared degree; deeper states later."""
    key = (degree * 4 if degree < 3 else degree * degree * 4) + level
    return min(key, BUCKETS - 1)


@njit(cache=True, error_model="numpy")
def contract(n_states: int, tail: Any, head: Any, there: Any, back: Any, limit: int) -> Any:
    """Eliminate all states; return (order, up_at, up, cost_up, cost_down).

    ``order[k]`` is the k-th eliminated state, with up-links ``up[up_at[k]:up_at[k + 1]]`` to states
    eliminated later; ``cost_up`` is the way up, ``cost_down`` the way back down. No pair of states
    within ``limit`` of each other is lost; farther pairs may be.
    """
    capacity = max(64, len(tail) * 2)
    rec = np.empty((capacity, 8), np.int32)
    first = np.full(n_states, -1, np.int32)
    degree = np.zeros(n_states, np.int32)
    pool = np.array([-1, 0], np.int64)
    level = np.zeros(n_states, np.int32)
    order = np.empty(n_states, np.int32)
    up_at = np.zeros(n_states + 1, np.int64)
    room = capacity
    up = np.empty(room, np.int32)
    cost = np.empty((room, 2), np.int32)
    core = np.empty(n_states, np.int32)
    done, n_up, n_core = _shorten_chains(
        tail, head, there, back, limit, rec, first, degree, pool, level, core, order, up_at, up, cost
    )
    bucket = np.full(BUCKETS, -1, np.int32)
    queue = np.empty((n_core, 2), np.int32)  # NEXT, PREV within a bucket
    key = np.empty(n_core, np.int32)
    for x in range(n_core - 1, -1, -1):
        key[x] = _key(degree[x], level[x])
        _link(queue, bucket, x, key[x])
    lowest = 0
    for step in range(done, n_states):
        while bucket[lowest] < 0:
            lowest += 1
        v = bucket[lowest]
        _unlink(queue, bucket, v, lowest)
        order[step] = core[v]
        start = n_up
        up_at[step] = start
        if n_up + degree[v] > room:
            room = room * 2 + degree[v]
            wider_up = np.empty(room, np.int32)
            wider_up[:n_up] = up[:n_up]
            up = wider_up
            wider_cost = np.empty((room, 2), np.int32)
            wider_cost[:n_up] = cost[:n_up]
            cost = wider_cost
        entry = first[v]
        while entry >= 0:
            twin, x, after = rec[entry, TWIN], rec[entry, TO], rec[entry, NEXT]
            up[n_up] = x
            cost[n_up, 0] = rec[entry, OUT]
            cost[n_up, 1] = rec[entry, IN]
            n_up += 1
            _unlink(rec, first, twin, x)
            degree[x] -= 1
            rec[entry, NEXT] = twin
            rec[twin, NEXT] = pool[0]
            pool[0] = entry
            entry = after
        degree_v = n_up - start
        wanted = pool[1] + degree_v * degree_v
        if wanted > capacity:
            capacity = max(capacity * 2, wanted)
            wider = np.empty((capacity, 8), np.int32)
            wider[: len(rec)] = rec
            rec = wider
        for i in range(start, n_up):
            for j in range(i + 1, n_up):
                if up[i] == up[j]:
                    continue
                out = cost[i, 1] + cost[j, 0]
                into = cost[j, 1] + cost[i, 0]
                if out <= limit or into <= limit:
                    _join(rec, first, degree, pool, up[i], up[j], min(out, FAR), min(into, FAR))
        for i in range(start, n_up):
            x = up[i]
            level[x] = max(level[x], level[v] + 1)
            new = _key(degree[x], level[x])
            if new != key[x]:
                _unlink(queue, bucket, x, key[x])
                _link(queue, bucket, x, new)
                key[x] = new
                lowest = min(lowest, new)
            up[i] = core[x]
    up_at[n_states] = n_up
    return order, up_at, up[:n_up], cost[:n_up]


@njit(cache=True, error_model="numpy")
def number(order: Any, up_at: Any, up: Any, cost: Any) -> Any:
    """Number the states so that lower neighbours come first and neighbours lie close in memory.

    Returns (rank, ptr, up, cost_up, cost_down): ``rank[state]`` is the new number; the arrays are by new
    numbers, up-links of ``v`` at ``ptr[v]:ptr[v + 1]``, all of them to higher numbers.
    """
    n, n_up = len(order), len(up)
    down_at = np.zeros(n + 1, np.int32)
    for i in range(n_up):
        down_at[up[i] + 1] += 1
    for x in range(n):
        down_at[x + 1] += down_at[x]
    down = np.empty(n_up, np.int32)
    fill = down_at[:n].copy()
    place = np.empty(n, np.int32)
    for k in range(n):
        place[order[k]] = k
        for i in range(up_at[k], up_at[k + 1]):
            down[fill[up[i]]] = order[k]
            fill[up[i]] += 1
    rank = np.full(n, -1, np.int32)
    seen = np.zeros(n, np.bool_)
    stack = np.empty(n, np.int32)
    fill[:] = down_at[:n]
    count = 0
    for k in range(n - 1, -1, -1):
        if seen[order[k]]:
            continue
        seen[order[k]] = True
        stack[0] = order[k]
        depth = 1
        while depth > 0:
            x = stack[depth - 1]
            if fill[x] < down_at[x + 1]:
                y = down[fill[x]]
                fill[x] += 1
                if not seen[y]:
                    seen[y] = True
                    stack[depth] = y
                    depth += 1
            else:
                rank[x] = count
                count += 1
                depth -= 1
    ptr = np.zeros(n + 1, np.int32)
    for x in range(n):
        ptr[rank[x] + 1] = up_at[place[x] + 1] - up_at[place[x]]
    for x in range(n):
        ptr[x + 1] += ptr[x]
    new_up, cost_up, cost_down = np.empty(n_up, np.int32), np.empty(n_up, np.int32), np.empty(n_up, np.int32)
    for x in range(n):
        to = ptr[rank[x]]
        for i in range(up_at[place[x]], up_at[place[x] + 1]):
            new_up[to] = rank[up[i]]
            cost_up[to], cost_down[to] = cost[i, 0], cost[i, 1]
            to += 1
    return rank, ptr, new_up, cost_up, cost_down

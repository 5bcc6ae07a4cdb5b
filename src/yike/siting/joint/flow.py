"""Compiled loops of the flow of people to outlets: arrays in, arrays out. See `yike.siting.joint.loops`."""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

EPS = 1e-7  #: people


class Net(NamedTuple):
    """Edges by lane (CSR), by group (CSR), and the people of each group; see `Problem`."""

    lane_at: Any
    edge_group: Any
    edge_lane: Any
    group_at: Any
    group_edge: Any
    people: Any


class Flow(NamedTuple):
    """People on edges, their sums by group and by lane, and what each lane holds at most."""

    served: Any  #: (G,)
    used: Any  #: (L,)
    x: Any  #: (E,)
    caps: Any  #: (L,)


class Log(NamedTuple):
    """What was changed, so that `undo` can take it back: edges, people, and how many entries there are."""

    edge: Any
    delta: Any
    count: Any  #: (1,)


class Search(NamedTuple):
    """Scratch of `_reroute`."""

    seen: Any  #: (L,) stamp of the search that reached a lane
    way_out: Any  #: (L,) edge by which the lane before gives people up
    way_in: Any  #: (L,) edge by which this lane held them
    queue: Any
    stamp: Any  #: (1,)


@njit(cache=True, error_model="numpy")
def push(lane: int, cap: float, net: Any, flow: Any, log: Any, search: Any) -> float:
    """Fill a lane up to ``cap``, first from people nobody serves, then by moving others' people along; return the rise."""
    before = flow.used[lane]
    for e in range(net.lane_at[lane], net.lane_at[lane + 1]):
        left = cap - flow.used[lane]
        if left <= EPS:
            break
        g = net.edge_group[e]
        more = min(left, net.people[g] - flow.served[g])
        if more > EPS:
            _move(e, more, net, flow, log)
    while cap - flow.used[lane] > EPS and log.count[0] < len(log.edge) - len(flow.used) * 2 - 2:
        if not _reroute(lane, cap - flow.used[lane], net, flow, log, search):
            break
    return flow.used[lane] - before


@njit(cache=True, error_model="numpy")
def _move(e: int, delta: float, net: Any, flow: Any, log: Any) -> None:
    flow.x[e] += delta
    flow.served[net.edge_group[e]] += delta
    flow.used[net.edge_lane[e]] += delta
    n = log.count[0]
    log.edge[n] = e
    log.delta[n] = delta
    log.count[0] = n + 1


@njit(cache=True, error_model="numpy")
def undo(mark: int, net: Any, flow: Any, log: Any) -> None:
    """Take back what was logged since ``mark``."""
    for k in range(log.count[0] - 1, mark - 1, -1):
        e, delta = log.edge[k], log.delta[k]
        flow.x[e] -= delta
        flow.served[net.edge_group[e]] -= delta
        flow.used[net.edge_lane[e]] -= delta
    log.count[0] = mark


@njit(cache=True, error_model="numpy")
def _reroute(lane: int, left: float, net: Any, flow: Any, log: Any, search: Any) -> bool:
    """Find people whom full lanes could take instead of some that this lane takes over; breadth first, one path."""
    search.stamp[0] += 1
    stamp = search.stamp[0]
    search.seen[lane] = stamp
    search.queue[0] = lane
    head, tail = 0, 1
    while head < tail:
        u = search.queue[head]
        head += 1
        for e in range(net.lane_at[u], net.lane_at[u + 1]):
            g = net.edge_group[e]
            for k in range(net.group_at[g], net.group_at[g + 1]):
                f = net.group_edge[k]
                v = net.edge_lane[f]
                if flow.x[f] <= EPS or search.seen[v] == stamp or flow.used[v] < flow.caps[v] - EPS:
                    continue
                search.seen[v] = stamp
                search.way_out[v], search.way_in[v] = e, f
                search.queue[tail] = v
                tail += 1
                for last in range(net.lane_at[v], net.lane_at[v + 1]):
                    h = net.edge_group[last]
                    if net.people[h] - flow.served[h] > EPS:
                        _along(lane, v, last, min(left, net.people[h] - flow.served[h]), net, flow, log, search)
                        return True
    return False


@njit(cache=True, error_model="numpy")
def _along(lane: int, end: int, last: int, most: float, net: Any, flow: Any, log: Any, search: Any) -> None:
    """Push along a found path, as much as its tightest step lets through."""
    v = end
    while v != lane:
        most = min(most, flow.x[search.way_in[v]])
        v = net.edge_lane[search.way_out[v]]
    _move(last, most, net, flow, log)
    v = end
    while v != lane:
        _move(search.way_in[v], -most, net, flow, log)
        _move(search.way_out[v], most, net, flow, log)
        v = net.edge_lane[search.way_out[v]]


@njit(cache=True, error_model="numpy")
def clear(lane: int, net: Any, flow: Any) -> None:
    """Take a lane's people away from it."""
    for e in range(net.lane_at[lane], net.lane_at[lane + 1]):
        flow.served[net.edge_group[e]] -= flow.x[e]
        flow.x[e] = 0.0
    flow.used[lane] = 0.0


@njit(cache=True, error_model="numpy")
def refill(lane: int, on: Any, net: Any, flow: Any, log: Any, search: Any) -> float:
    """Offer the people a cleared lane left to the open lanes beside it; return how many they take."""
    taken = 0.0
    for e in range(net.lane_at[lane], net.lane_at[lane + 1]):
        g = net.edge_group[e]
        for k in range(net.group_at[g], net.group_at[g + 1]):
            v = net.edge_lane[net.group_edge[k]]
            if on[v] and v != lane and flow.used[v] < flow.caps[v] - EPS:
                taken += push(v, flow.caps[v], net, flow, log, search)
                log.count[0] = 0
    return taken

"""Rows of lanes in vector registers: the two inner steps of the sweep, written as vector operations.

Left to itself LLVM vectorises a short loop over lanes at some widths and not at others (five times slower), and
stores and reloads the row of a state at every link. Here a row is loaded once, relaxed over all its links in
registers of 256 bits, and stored once. LLVM cuts the vectors to what the machine has, so this is no question of
AVX2 or NEON. Values are unsigned: the largest value plus the largest cost must fit the lane.

Numba keeps the compiled sweep by the date of `kernel.py` alone: after a change here, touch that file too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WIDTH_BITS = 256
I32, I64 = ir.IntType(32), ir.IntType(64)
Parts = list[tuple[int, ir.VectorType]]  #: (first lane, vector) of each register of a row


def _parts(bits: int, lanes: int) -> Parts:
    width = WIDTH_BITS // bits
    return [(first, ir.VectorType(ir.IntType(bits), min(width, lanes - first))) for first in range(0, lanes, width)]


def _pointers(builder: Any, data: Any, state: Any, lanes: int, parts: Parts) -> Iterator[Any]:
    """Yield pointers to the registers of one row of a C-contiguous table."""
    wide = builder.sext(state, I64) if state.type.width < 64 else state
    row = builder.gep(data, [builder.mul(wide, ir.Constant(I64, lanes))])
    for first, vector in parts:
        yield builder.bitcast(builder.gep(row, [ir.Constant(I64, first)]), vector.as_pointer())


def _splat(builder: Any, value: Any, vector: ir.VectorType) -> Any:
    empty = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(I32, 0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(I32, vector.count), [0] * vector.count))


def _generate_fill(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    bits, lanes = signature.args[0].dtype.bitwidth, signature.args[3].literal_value
    parts = _parts(bits, lanes)
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    for pointer, (_, vector) in zip(_pointers(builder, data, args[1], lanes, parts), parts, strict=True):
        builder.store(_splat(builder, args[2], vector), pointer, align=bits // 8)
    return context.get_dummy_value()


def _over_links(push: bool) -> Callable[..., Any]:
    """Return the code generator of `push_row` or `pull_row`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes, align = signature.args[-1].literal_value, signature.args[0].dtype.bitwidth // 8
        parts = _parts(signature.args[0].dtype.bitwidth, lanes)
        data, up, cost = (context.make_array(signature.args[i])(context, builder, args[i]).data for i in (0, 2, 3))
        own = list(_pointers(builder, data, args[1], lanes, parts))
        row = [cgutils.alloca_once(builder, vector) for _, vector in parts]  # LLVM keeps these in registers
        for slot, pointer, (_, vector) in zip(row, own, parts, strict=True):
            start = builder.load(pointer, align=align)
            if not push:
                start = builder.select(builder.trunc(args[6], ir.IntType(1)), start, _splat(builder, args[7], vector))
            builder.store(start, slot)
        first, last = (builder.sext(args[i], I64) if args[i].type.width < 64 else args[i] for i in (4, 5))
        with cgutils.for_range_slice(builder, first, last, ir.Constant(I64, 1), I64) as (link, _):
            state = builder.load(builder.gep(up, [link]))
            step = builder.load(builder.gep(cost, [link]))
            above = _pointers(builder, data, state, lanes, parts)
            for slot, pointer, (_first, vector) in zip(row, above, parts, strict=True):
                mine, theirs = builder.load(slot), builder.load(pointer, align=align)
                old, start = (theirs, mine) if push else (mine, theirs)
                new = builder.add(start, _splat(builder, step, vector))
                least = builder.select(builder.icmp_unsigned("<", new, old), new, old)
                if push:
                    builder.store(least, pointer, align=align)
                else:
                    builder.store(least, slot)
        if not push:
            for slot, pointer in zip(row, own, strict=True):
                builder.store(builder.load(slot), pointer, align=align)
        return context.get_dummy_value()

    return generate


@intrinsic(prefer_literal=True)
def push_row(typing: Any, table: Any, state: Any, up: Any, cost: Any, first: Any, last: Any, lanes: Any) -> Any:
    """Lower ``table[up[e]]`` to ``table[state] + cost[e]`` for the links ``e`` from ``first`` to ``last`` (excluded).

    ``table`` is C-contiguous with ``lanes`` (a constant) columns; ``cost`` has its dtype.
    """
    return types.void(table, state, up, cost, first, last, lanes), _over_links(push=True)


@intrinsic(prefer_literal=True)
def pull_row(
    typing: Any, table: Any, state: Any, up: Any, cost: Any, first: Any, last: Any, live: Any, far: Any, lanes: Any
) -> Any:
    """Write to ``table[state]`` the least of ``table[up[e]] + cost[e]`` over the links ``e`` and of itself, or of ``far``.

    What the row holds counts only where ``live`` (a boolean) is true; ``far`` has the table's dtype. See `push_row`.
    """
    return types.void(table, state, up, cost, first, last, live, far, lanes), _over_links(push=False)


@intrinsic(prefer_literal=True)
def fill_row(typing: Any, table: Any, state: Any, far: Any, lanes: Any) -> Any:
    """Write ``far`` to all of ``table[state]``."""
    return types.void(table, state, far, lanes), _generate_fill

"""Numbers in official papers: of headings, 一、 （一） 1. （1）, each beginning anew under the one above; of rows referred to."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "零一二三四五六七八九"


def chinese(n: int) -> str:
    """Return a number from 1 to 99 in Chinese.

    Examples
    --------
    >>> [chinese(n) for n in (1, 10, 11, 20, 42)]
    ['一', '十', '十一', '二十', '四十二']
    """
    if not 0 < n < 100:
        raise ValueError(n)
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones else "")


def number_of(level: int, n: int) -> str:
    """Return the number of the nth heading of a level.

    Examples
    --------
    >>> [number_of(level, 2) for level in (1, 2, 3, 4)]
    ['二、', '（二）', '2.', '（2）']
    """
    return {1: f"{chinese(n)}、", 2: f"（{chinese(n)}）", 3: f"{n}.", 4: f"（{n}）"}[level]


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers in ascending order as they are referred to in a paper.

    Examples
    --------
    >>> ranges([1, 2, 3, 5, 8, 9])
    '1–3、5、8–9'
    """
    parts: list[list[int]] = []
    for n in numbers:
        if parts and parts[-1][-1] == n - 1:
            parts[-1].append(n)
        else:
            parts.append([n])
    return "、".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)


class Counter:
    """Counts headings: one of a level begins those below it anew.

    Examples
    --------
    >>> count = Counter()
    >>> [count.next(level) for level in (1, 2, 3, 3, 2, 3, 1, 2)]
    ['一、', '（一）', '1.', '2.', '（二）', '1.', '二、', '（一）']
    """

    def __init__(self) -> None:
        self.at = [0, 0, 0, 0]

    def next(self, level: int) -> str:
        """Return the number of the next heading of a level, 1 to 4."""
        self.at[level - 1] += 1
        self.at[level:] = [0] * (4 - level)
        return number_of(level, self.at[level - 1])

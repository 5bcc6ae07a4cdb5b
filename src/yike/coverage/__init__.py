"""覆盖: which residents meet which walking requirement, and the shares of people who do."""

from yike.coverage.groups import Groups, group_residents
from yike.coverage.limits import WalkLimit, longest_limit_s, walk_limits
from yike.coverage.measure import Coverage, measure_coverage
from yike.coverage.served import Served, served

__all__ = [
    "Coverage",
    "Groups",
    "Served",
    "WalkLimit",
    "group_residents",
    "longest_limit_s",
    "measure_coverage",
    "served",
    "walk_limits",
]

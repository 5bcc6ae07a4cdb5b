"""覆盖: which residents meet which walking requirement, and the shares of people who do."""

from yike.coverage.by_hour import HourCoverage, HourQuestion, coverage_at, coverage_by_hour
from yike.coverage.compare import compare_presence, compare_walkers
from yike.coverage.count import OutletCounts, count_located, count_reached
from yike.coverage.distribution import distribution, histogram
from yike.coverage.groups import Groups, group_residents
from yike.coverage.limits import WalkLimit, longest_limit_s, walk_limits
from yike.coverage.measure import Coverage, measure_coverage
from yike.coverage.presence import Presence, area_presence, load_presence, measure_presence
from yike.coverage.served import Served, served

__all__ = [
    "Coverage",
    "Groups",
    "HourCoverage",
    "HourQuestion",
    "OutletCounts",
    "Presence",
    "Served",
    "WalkLimit",
    "area_presence",
    "compare_presence",
    "compare_walkers",
    "count_located",
    "count_reached",
    "coverage_at",
    "coverage_by_hour",
    "distribution",
    "group_residents",
    "histogram",
    "load_presence",
    "longest_limit_s",
    "measure_coverage",
    "measure_presence",
    "served",
    "walk_limits",
]

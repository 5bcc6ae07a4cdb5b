"""缺口: what is missing, lacking or saturated, where, and for how many people."""

from yike.gaps.find import Gaps, find_gaps
from yike.gaps.homes import failing_homes, failing_summary
from yike.gaps.rules import GapRules, load_gap_rules

__all__ = [
    "GapRules",
    "Gaps",
    "failing_homes",
    "failing_summary",
    "find_gaps",
    "load_gap_rules",
]

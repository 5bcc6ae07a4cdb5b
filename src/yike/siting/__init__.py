"""Siting (选址): which spaces should hold which business types, with a proven bound."""

from yike.siting.answer import Answer
from yike.siting.center import p_center
from yike.siting.covering import lscp, mclp
from yike.siting.faults import SitingError
from yike.siting.median import p_median
from yike.siting.problem import Effort, Pairs, Rules

__all__ = [
    "Answer",
    "Effort",
    "Pairs",
    "Rules",
    "SitingError",
    "lscp",
    "mclp",
    "p_center",
    "p_median",
]

"""Drawing circles (划圈): communities joined into living circles by who walks where."""

from yike.circles.barriers import Barriers, crossing_ms, find_barriers
from yike.circles.district import Division, divide
from yike.circles.propose import Circle, Proposal, propose
from yike.circles.targets import Targets, crossings_told, load_targets
from yike.circles.walks import Communities, communities_of

__all__ = [
    "Barriers", "Circle", "Communities", "Division", "Proposal", "Targets", "communities_of", "crossing_ms", "crossings_told",
    "divide", "find_barriers", "load_targets", "propose",
]  # fmt: skip

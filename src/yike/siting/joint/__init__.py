"""The joint problem (联合选址): many business types, shared spaces, one budget."""

from yike.siting.joint.answer import Conflict, Gain, JointAnswer, JointSite
from yike.siting.joint.costs import BuildCost, Uses, load_costs, load_uses
from yike.siting.joint.ground import JointGround, strictest_limits, walks_to
from yike.siting.joint.match import what_can, which_space
from yike.siting.joint.settings import JointSettings
from yike.siting.joint.solving import solve
from yike.siting.joint.spaces import Spaces, load_kinds, read_spaces

__all__ = [
    "BuildCost", "Conflict", "Gain", "JointAnswer", "JointGround", "JointSettings", "JointSite", "Spaces", "Uses",
    "load_costs", "load_kinds", "load_uses", "read_spaces", "solve", "strictest_limits", "walks_to", "what_can",
    "which_space",
]  # fmt: skip

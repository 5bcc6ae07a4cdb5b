"""Plan (一圈一策): actions in order, each with its reason, in phases."""

from yike.plan.making import plan_of
from yike.plan.nouns import Action, Phase, Plan

__all__ = ["Action", "Phase", "Plan", "plan_of"]

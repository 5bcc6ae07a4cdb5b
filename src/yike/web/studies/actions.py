"""The verbs of this app."""

from yike.web.studies.runs.actions import adopt_study, draw_study, drop_study, start_study

__all__ = ["adopt_study", "draw_study", "drop_study", "start_study"]

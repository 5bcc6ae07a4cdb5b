"""What a verb is, for the apps above: see `yike.web.accounts.deeds`, where the people's own verbs need it too."""

from __future__ import annotations

from yike.web.accounts.deeds import ACTIONS, Deed, at_console, verb
from yike.web.accounts.models import Person
from yike.web.areas.models import Area

__all__ = ["ACTIONS", "Area", "Deed", "Person", "at_console", "verb"]

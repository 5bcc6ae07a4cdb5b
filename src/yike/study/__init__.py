"""测算: the one flow from files to judged walking times, as a folder on disk.

`start_study` makes the folder, `run` brings it up to date, `Study.open` reads it, `questions` and `trying` ask it.
"""

from yike.study.folder import Study
from yike.study.run import notes, run, status
from yike.study.settings import InputFile, Settings
from yike.study.start import start_study
from yike.study.steps import NAMES

__all__ = ["NAMES", "InputFile", "Settings", "Study", "notes", "run", "start_study", "status"]

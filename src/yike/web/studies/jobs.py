"""What studies do in the background: handlers register themselves when they are imported."""

from yike.web.queue.signals import job_ended
from yike.web.studies.runs.adopting import adopt
from yike.web.studies.runs.measuring import draw, measure, note_end

job_ended.connect(note_end, dispatch_uid="studies.note_end")

__all__ = ["adopt", "draw", "measure"]

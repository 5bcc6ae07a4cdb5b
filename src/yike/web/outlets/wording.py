"""What a page says of a fault: see `yike.web.wording`, where the apps beside and below need it too."""

from __future__ import annotations

from yike.web.wording import error_json, error_words, fault_words, language

__all__ = ["error_json", "error_words", "fault_words", "language"]

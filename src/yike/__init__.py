"""yike (一刻): from real files to walking-time truth for the quarter-hour living circle."""

__version__ = "0.1.0"

"""The command line: one verb per room, thin over `yike.study` and `yike.report`."""

from yike.cli.main import main

__all__ = ["main"]

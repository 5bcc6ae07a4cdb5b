"""Seeing (缺什么): coverage, gaps, hours, loops and stress of every area, as pages."""

"""Template filters of the desk's lists."""

"""The public map: tiles, lists, search, the quarter-hour from a home."""

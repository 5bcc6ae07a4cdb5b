"""Telling: map sheets, the page that opens offline, and files for other programs. Figures come from a study only."""

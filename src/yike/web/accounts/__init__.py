"""People, their roles in areas, and the one place that answers "may this person do this here"."""

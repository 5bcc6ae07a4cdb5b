"""Studies that a planner starts: measured in the background, kept side by side, compared, and made the city's own."""

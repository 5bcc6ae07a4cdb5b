"""Siting (选址): which spaces should hold which business types, with a proven bound."""

"""Trying (方案): lists of changes over an untouched baseline, and the planning desk."""

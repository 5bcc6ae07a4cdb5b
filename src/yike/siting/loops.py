"""Compiled loops of siting: arrays in, arrays out."""

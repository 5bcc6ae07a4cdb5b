"""Proposing (补什么): answers of the joint problem, locked, forbidden, solved again, accepted."""

"""What the desk's lists (idle spaces, needs, projects) share: tables of choices, states, imports, exports. Not an app."""

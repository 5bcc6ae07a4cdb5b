"""The import wizard: a table of outlets is read, checked, told, applied as one transaction, and undone as one."""

"""Long jobs: a table in the database, taken by worker processes with a lease and a heartbeat."""

"""PostgreSQL from a wheel: found, started, guarded, stopped."""

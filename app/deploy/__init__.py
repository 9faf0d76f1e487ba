"""Bringing a database to this release, and looking at an installation."""

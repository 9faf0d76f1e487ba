"""The database: SQL files only. The folder is a package so that it travels in the wheel."""

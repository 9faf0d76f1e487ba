"""Tests: tests/support holds what they share, tests/conftest.py the fixtures."""

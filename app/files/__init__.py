"""Readers of what users bring: tables of invoices."""

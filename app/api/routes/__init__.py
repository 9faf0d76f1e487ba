"""The HTTP routes, one module per area. Each calls the stored function of the same name."""

PREFIX = "/api/v1"

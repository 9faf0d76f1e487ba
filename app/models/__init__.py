"""What the API and the web app accept, and what the API returns: one module per area."""

"""Tools of the project's own; `make` calls them."""

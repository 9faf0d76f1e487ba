"""How fast, and how far it grows: `make bench`. Each rate stands beside a baseline of the same run."""

"""Mail: what a check-in says (`messages`) and how it leaves (`drivers`)."""

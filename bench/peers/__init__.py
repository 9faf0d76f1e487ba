"""Processes beside ours while it is measured: who asks, who receives, who does the bare minimum."""

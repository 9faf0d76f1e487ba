"""Mail: what it says (`messages`, `letters`, `notices`), put together (`compose`), sent (`drivers`)."""

"""What tests share. Nothing here decides whether the product is right; the tests do."""

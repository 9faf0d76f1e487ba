"""The pages of the app, one module for each area. A page calls stored functions by name and renders."""

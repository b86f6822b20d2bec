"""What each source calls things, and what we call them: one module a source."""

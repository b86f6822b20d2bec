"""What tables look like and where they are kept. No business rule lives here."""

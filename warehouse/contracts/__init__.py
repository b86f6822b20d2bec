"""Every table and column of Lendhouse, declared once."""

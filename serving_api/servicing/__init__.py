"""Servicing over HTTP: loans as they stand, and the payments booked on them."""

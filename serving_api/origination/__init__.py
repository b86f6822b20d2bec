"""Origination over HTTP: applications as they come in."""

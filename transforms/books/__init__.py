"""Kernels over whole books: read bronze bucket by bucket, compute, write silver.

Belongs here: what is too large or too path-dependent for a dbt model. Does not: the rules themselves (kernels).
"""

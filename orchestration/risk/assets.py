"""Risk assets that dbt does not build: the model and its scores.

Belongs here: wrappers of one call. Does not: features, training, scoring (models_ml/pd).
"""

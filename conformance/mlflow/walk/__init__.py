"""Checks of a server with the unmodified mlflow client."""

"""The process that holds one MLflow model for Atrium: it answers batches over a socket until the socket closes."""

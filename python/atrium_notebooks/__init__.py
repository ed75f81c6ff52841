"""What Atrium runs for notebooks: a Jupyter server that trusts its proxy alone and saves through the server, and a runner."""

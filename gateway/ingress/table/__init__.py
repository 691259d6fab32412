"""The doors, each once: its address, its handler, who may come, and what ``/openapi.json`` says of it."""

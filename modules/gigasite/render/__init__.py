"""Text from templates: the one Jinja environment, and the documents that are made with it."""

"""The site file: typed models, and the loader that keeps line numbers."""

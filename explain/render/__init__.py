"""Renderers: an account or a graph in, text or bytes out."""

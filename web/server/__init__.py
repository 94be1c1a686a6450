"""The local server: pages and an interface for programs over the same answers, and a desk for those who edit rules."""

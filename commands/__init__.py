"""The commands of `sigrisk`, one module for each kind of work."""

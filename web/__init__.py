"""Pages for people who look: the rulebook as a static site, and the local server."""

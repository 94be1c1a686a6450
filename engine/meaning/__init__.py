"""What the rules mean, whatever the evidence: which combinations there can be, and what any of them shows."""

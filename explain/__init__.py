"""Why: the chain of evidence behind a conclusion, in words and as a picture."""

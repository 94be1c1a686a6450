"""What is known: the nouns, the vocabulary, reading files, evidence by date."""

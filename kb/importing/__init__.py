"""Official files as they are published, read into the product's own tables: nothing guessed, all accounted for."""

"""Evidence kept in spreadsheets: reading, writing and checking them cell by cell."""

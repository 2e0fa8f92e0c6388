"""What a report says, in each language."""

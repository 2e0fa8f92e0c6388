"""What the outside reaches: short links, the conversion endpoint, the health page."""

"""Blocks to the text of their pages, their headings to a tree, and both to passages."""

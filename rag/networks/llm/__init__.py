"""A language model taught to answer from passages with [n], to abstain when they do not say, to rewrite questions."""

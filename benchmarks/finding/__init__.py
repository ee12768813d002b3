"""Finding: the right page first, in one document or a whole library."""

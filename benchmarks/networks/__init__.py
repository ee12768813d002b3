"""What the small networks are worth: each figure beside that of what stood before them, in the same run."""

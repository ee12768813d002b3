"""From ranked candidates to the k hits that are shown: doubles folded, neighbours merged, documents in turn."""

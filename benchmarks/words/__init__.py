"""What the language model is worth: taught and not, with its sentences checked, beside the documents' own words."""

"""Pages that show text but do not tell it: which they are, and how tesseract reads them."""

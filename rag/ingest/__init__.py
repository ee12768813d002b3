"""PDF files to pages to passages: the one room that knows pypdfium2 and pypdf."""

"""What pdfium has on a page to words with boxes, in every script and whichever way they run."""

"""The words of a page to lines, the lines to reading order, and those to blocks: what a typesetter would call them."""

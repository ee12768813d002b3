"""A chat or the notes as a file that can be kept and passed on: Markdown, HTML, Word; one answer for the clipboard.

    chat, notes --stored--> transcript --layout--> blocks with footnotes --markdown, html, docx, clipboard--> a file

All of it is pure. A footnote names the document and the page and gives the quote verbatim; every sentence that nothing
supports says so.
"""

from rag.export.clipboard import one_answer, one_answer_html
from rag.export.docx import to_docx
from rag.export.files import FORMATS, Format, file_name, format_of
from rag.export.html import to_html
from rag.export.markdown import to_markdown
from rag.export.stored import from_chat, from_notes
from rag.export.transcript import Exchange, Note, Transcript

__all__ = [
    "FORMATS",
    "Exchange",
    "Format",
    "Note",
    "Transcript",
    "file_name",
    "format_of",
    "from_chat",
    "from_notes",
    "one_answer",
    "one_answer_html",
    "to_docx",
    "to_html",
    "to_markdown",
]

"""PDF files to pages to passages: the one room that knows pdfium and, with the export of cited pages, pypdf.

    worker -> child -> reading                a parse in its own process; what a page holds lies on a shelf meanwhile
        files        opening, unlocking, what the file says of itself; pages as images
        characters   characters -> words with boxes, in every script
        ocr          pages whose text is not what is seen on them
        layout       words -> lines -> reading order -> blocks; running heads, printed numbers, figures
        tables       rows, cells, headings of columns
        passages     blocks -> text of pages -> passages with exact spans
        extras       notes, form fields, attachments

Each imports from those above it only, `reading` from all.
"""

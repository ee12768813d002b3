"""The cited pages of answers as one PDF: real highlights on the cited lines, the question and answer as a note.

    answers --plan--> leaves with marks --slicing--> the pages themselves --annotations, marks--> cited.cited_pages

Pages are copied, not drawn: their text can still be selected and searched. What is copied is what a page needs to be
shown, and nothing else of its file. pypdf is loaded when one of these modules is.
"""

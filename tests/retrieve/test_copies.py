"""A library of copies that say nearly the same: what one of them alone says is found there, at once."""

from __future__ import annotations

import random

from rag.library import Library
from rag.types import Document
from tests.index.made import made_document

N_COPIES = 30
MARK = "quizzolvex"


def put(library: Library, number: int, *, mark: str = "") -> Document:
    """Add a copy in which one word in twenty is another one; its vectors are those of the text without the mark."""
    draws = random.Random(0)
    pages = [draws.choices("river valley bridge harbour market castle museum garden".split(), k=60) for _ in range(8)]
    noise = random.Random(number)
    texts = [" ".join(f"noise{noise.random()}" if noise.random() < 0.05 else word for word in page) for page in pages]
    vectors = library.encoder.encode(texts)
    texts[3] = f"{texts[3]} {mark}".strip()
    catalog = library.parts.catalog
    document = catalog.store_parsed(catalog.begin(f"{number:064x}", f"copy {number}.pdf", 1), made_document(texts))
    library.file(document).touch()
    return catalog.store_vectors(document, library.encoder.id, vectors)


def test_a_word_that_only_a_document_just_added_holds_leads_to_it_and_after_its_removal_to_nothing_of_it(
    library: Library,
) -> None:
    for number in range(N_COPIES):
        put(library, number)
    question = f"What is said of {MARK}?"
    assert all(MARK not in hit.passage.text for hit in library.search(question, fast=True))
    added = put(library, 99, mark=MARK)
    first = library.search(question, fast=True)[0]
    assert (first.document, first.page) == ("copy 99.pdf", 4)
    assert first.matched
    library.remove(added.id)
    assert all(hit.document != "copy 99.pdf" for hit in library.search(question, fast=True))

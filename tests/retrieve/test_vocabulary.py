"""Words of a question beside those of made documents, by the real word index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index.catalog import Catalog
from rag.index.lexical import TantivyIndex
from rag.retrieve.vocabulary import Vocabulary, read_vocabulary
from rag.retrieve.vocabulary.acronyms import Acronyms
from rag.retrieve.vocabulary.forms import forms, other_spellings
from rag.retrieve.vocabulary.meanings import exchanged, expansions, names_measure, parse, shipped, wordings
from rag.retrieve.vocabulary.phrases import Phrases
from rag.types import Acronym, Expansion

from ..index.made import put

TEXTS = [
    "The government of Boeing stated that revenue and inventory rose in the year.",
    "At Boeing the data-set of criteria was kept by the committee; an e-mail was sent.",
    "The committee of the government and Boeing wrote about the labor of children.",
    "In the year the international committee at Boeing reported inventory by e-mail.",
    "Nobody at Boeing has said that the photosynthesis of plants is a set of data.",
    "The year at Boeing was one in which the government did what it had to do.",
]
ENGLISH = frozenset(
    "the government stated that revenue inventory rose year what did committee criteria report was of in how much is set"
    " labor children who wrote about data plants said who why does a for email".split()
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    put(catalog, 1, TEXTS, vectors=False)
    put(catalog, 2, ["The zebras of Zanzibar graze.", "Marmalade is made there."], vectors=False, name="other.pdf")
    yield catalog
    catalog.close()


@pytest.fixture
def vocabulary(catalog: Catalog, tmp_path: Path) -> Vocabulary:
    index = TantivyIndex(tmp_path, "passages")
    index.reconcile(catalog)
    return Vocabulary(index, catalog, Acronyms(catalog.acronyms()), shipped(), ENGLISH)


def keys(catalog: Catalog) -> list[int]:
    return [document.key for document in catalog.documents()]


# ------------------------------------------------------------------------------------------------- spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("What did the goverment say?", "government"),  # left out
        ("What did the commitee say?", "committee"),  # doubled
        ("What is the inventroy?", "inventory"),  # swapped
        ("How much is the revenvue?", "revenue"),  # too many
        ("What was interantionl?", "international"),  # two slips
        ("What did Boieng say?", "Boeing"),  # a name
        ("What of photosinthesis?", "photosynthesis"),  # a word that the list of English words does not hold
    ],
)
def test_a_misspelt_word_becomes_the_word_of_the_documents(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    read = read_vocabulary(typed, vocabulary)
    assert [found for _, found in read.repaired] == [meant]
    assert meant in read.query.split("?")[0].split()
    assert read.query.endswith("?")


@pytest.mark.parametrize(
    "question",
    [
        "What did the government state?",
        "What is reported by BOENG and Xerxes?",  # in capitals: an acronym
        "Who is Goeing?",  # the first letter of a name is seldom mistyped
        "What is 1577, FY2018 or Q2?",
        "What does report.pdf or info@goverment.org say?",
        "Was sagt die Regirung ueber das Inventroy?",  # not English
        "How much did the dat of it?",  # too short
    ],
)
def test_what_may_be_right_is_left_alone(vocabulary: Vocabulary, question: str) -> None:
    read = read_vocabulary(question, vocabulary)
    assert (read.query, read.repaired) == (question, ())


def test_a_word_that_another_document_holds_is_not_misspelt(vocabulary: Vocabulary, catalog: Catalog) -> None:
    first, _ = keys(catalog)
    assert read_vocabulary("What is the marmalade?", vocabulary, [first]).repaired == ()


def test_a_word_is_repaired_from_the_documents_asked_alone(vocabulary: Vocabulary, catalog: Catalog) -> None:
    first, second = keys(catalog)
    assert read_vocabulary("What is the marmelade?", vocabulary, [second]).repaired == (("marmelade", "marmalade"),)
    assert read_vocabulary("What is the marmelade?", vocabulary, [first]).repaired == ()


def test_without_a_list_of_english_words_nothing_is_repaired(vocabulary: Vocabulary) -> None:
    bare = Vocabulary(vocabulary.index, vocabulary.texts, vocabulary.acronyms, vocabulary.meanings, frozenset())
    assert read_vocabulary("What did the goverment say?", bare).repaired == ()


# ---------------------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    ("question", "said", "also"),
    [
        ("Which dataset was kept?", "dataset", ("data set",)),  # written with a hyphen
        ("Which criterion was it?", "criterion", ("criteria",)),
        ("Is labour named?", "labour", ("labor",)),
        ("Was it sent by email?", "email", ("e mail",)),
    ],
)
def test_a_form_that_the_documents_hold_is_looked_for_too(
    vocabulary: Vocabulary, question: str, said: str, also: tuple[str, ...]
) -> None:
    assert forms(question, vocabulary.index, vocabulary.texts) == [Expansion(said, also, "form")]


def test_a_form_that_no_document_asked_holds_is_not_looked_for(vocabulary: Vocabulary, catalog: Catalog) -> None:
    _, second = keys(catalog)
    for question in ("Which dataset was kept?", "Which criterion was it?", "What is the matrix of colour?"):
        assert forms(question, vocabulary.index, vocabulary.texts, [second]) == []


def test_halves_that_never_stand_together_are_no_form(vocabulary: Vocabulary) -> None:
    assert forms("What is yeardata?", vocabulary.index, vocabulary.texts) == []


def test_words_apart_are_looked_for_together(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    put(catalog, 1, ["The dataset and the setup."], vectors=False)
    index = TantivyIndex(tmp_path, "passages")
    index.reconcile(catalog)
    found = {(e.said, e.also) for e in forms("Which data set, data-set or set up is it?", index, catalog)}
    assert found == {("data set", ("dataset",)), ("data-set", ("dataset",)), ("set up", ("setup",))}
    catalog.close()


def test_spellings_of_two_shores() -> None:
    assert "organisation" in other_spellings("organization")
    assert "color" in other_spellings("colour")
    assert "traveling" in other_spellings("travelling")
    assert "centre" in other_spellings("center")
    assert other_spellings("revenue") == []


# ------------------------------------------------------------------------------------------------- acronyms

EXPLAINED = [
    (1, Acronym("PP&E", "property, plant and equipment")),
    (1, Acronym("FCF", "free cash flow")),
    (2, Acronym("FCF", "fixed cost factor")),
    (2, Acronym("WHO", "World Health Organization")),
    (2, Acronym("IT", "information technology")),
]


def also(question: str, documents: list[int] | None = None) -> dict[str, tuple[str, ...]]:
    acronyms = Acronyms(EXPLAINED, frozenset({"who", "it", "cash", "free"}))
    return {e.said: e.also for e in acronyms.expansions(question, documents)}


def test_a_short_form_is_looked_for_by_its_long_one_and_the_other_way() -> None:
    assert also("How much PP&E is there?") == {"PP&E": ("property, plant and equipment",)}
    assert also("How much PPE is there?") == {"PPE": ("property, plant and equipment",)}
    assert also("What are property, plant, and equipment?") == {"property, plant, and equipment": ("PP&E",)}


def test_a_short_form_means_what_the_documents_asked_say() -> None:
    assert also("What was FCF?", [1]) == {"FCF": ("free cash flow",)}
    assert also("What was fcf?", [2]) == {"fcf": ("fixed cost factor",)}
    assert also("What was FCF?", [3]) == {}


def test_a_common_word_is_no_short_form() -> None:
    assert also("Who said it of information technology?") == {}  # "it" would match everything
    assert also("What does the WHO say?") == {"WHO": ("World Health Organization",)}


def test_what_the_question_says_in_both_forms_is_not_looked_for_again() -> None:
    assert also("What was free cash flow (FCF)?", [1]) == {}


# ------------------------------------------------------------------------------------------------- meanings

THESAURUS = """
[statements]
"cash flow statement" = ["statement of cash flows", "cash flow statement"]

[[measure]]
names = ["capital expenditure", "capex"]
lines = ["purchases of property", "capital expenditures"]
stands_in = ["cash flow statement"]

[[same]]
names = ["side effects", "adverse reactions"]
also = ["reactions"]
"""


def test_a_measure_is_looked_for_by_the_lines_and_the_statement_that_it_stands_in() -> None:
    found = expansions("What was the capex of 2018?", parse(THESAURUS))
    lines = ("purchases of property", "capital expenditures", "statement of cash flows", "cash flow statement")
    assert found == [Expansion("capex", lines, "meaning")]


def test_what_the_question_says_itself_is_not_looked_for_again() -> None:
    (found,) = expansions("What were Capital Expenditures?", parse(THESAURUS))
    assert "capital expenditures" not in found.also


def test_a_word_of_also_stands_for_nothing() -> None:
    thesaurus = parse(THESAURUS)
    assert expansions("Which side effects are there?", thesaurus)[0].also == ("adverse reactions", "reactions")
    assert expansions("Which reactions are there?", thesaurus) == []


def test_a_phrase_does_not_reach_from_one_sentence_into_the_next() -> None:
    assert expansions("Is there a side? Effects are known.", parse(THESAURUS)) == []


def test_the_longest_phrase_wins() -> None:
    phrases = Phrases([("cash", 1), ("free cash flow", 2), ("M&A", 3)])
    assert [(said.text, of) for said, of in phrases.found("free cash flows or the cash of M&A")] == [
        ("free cash flows", [2]),
        ("cash", [1]),
        ("M&A", [3]),
    ]


def test_the_thesaurus_that_is_shipped_knows_textbook_measures() -> None:
    def terms(question: str) -> str:
        return " / ".join(text for e in expansions(question, shipped()) for text in e.also)

    assert "purchases of property, plant and equipment" in terms("What was the capital expenditure in 2018?")
    assert "total current liabilities" in terms("Has the quick ratio improved?")
    assert "inventories" in terms("Has the quick ratio improved?")
    assert "adverse reactions" in terms("Which side effects are there?")


def test_wordings_are_the_question_with_lines_in_place_of_the_measure() -> None:
    question = "What was the capital expenditure?"
    found = wordings(question, expansions(question, shipped()))
    assert "What was the purchases of property, plant and equipment (PP&E)?" in found
    assert not any("statement of cash flows" in wording for wording in found)  # its heading is no line


@pytest.mark.parametrize(
    "question",
    [
        "What did da Vinci think?",
        "How many turnovers did the home side force?",
        "What type of gears did separate valves use?",
        "Who can leverage the accumulation of wealth?",
    ],
)
def test_words_of_other_fields_name_no_measure(question: str) -> None:
    assert not names_measure(question, shipped())


@pytest.mark.parametrize(
    "question", ["What is D&A?", "How high is the gearing ratio?", "Compare the leverage ratios.", "What is PPE, net?"]
)
def test_a_measure_is_named_by_its_usual_short_form(question: str) -> None:
    assert names_measure(question, shipped())


def test_words_are_exchanged_where_they_stand_alone_and_not_within_longer_ones() -> None:
    found = [Expansion("AI", ("artificial intelligence",), "acronym")]
    question = "What did AIG say of AI?"
    assert exchanged(question, found) == "What did AIG say of artificial intelligence?"
    assert wordings(question, found) == ("What did AIG say of artificial intelligence?",)


# ---------------------------------------------------------------------------------------------------- index


def test_the_index_tells_its_terms_with_how_many_entries_hold_them(vocabulary: Vocabulary, catalog: Catalog) -> None:
    first, second = keys(catalog)
    index = vocabulary.index
    assert index.terms_of(["governments", "children"]) == ["govern", "children"]
    assert index.terms_from("boe") == [("boe", len(TEXTS))]
    assert index.terms_from("zeb") == [("zebra", 1)]
    assert index.terms_from("zeb", [second]) == [("zebra", 1)]
    assert index.terms_from("zeb", [first]) == []

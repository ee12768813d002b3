import pytest

from rag.ingest.characters.words import Word
from rag.ingest.layout.hyphens import Hyphens

LEXICON = frozenset(
    "light house lighthouse well known example user friendly compromise com promising some thing".split()
)


def hyphens(text: str = "", lexicon: frozenset[str] = LEXICON) -> Hyphens:
    made = Hyphens(lexicon)
    made.learn([Word(token, 0, 0, 0, 0, 0) for token in text.split()])
    return made


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("light-", "house", True),  # the whole is a word
        ("well-", "known", False),  # a prefix that keeps its hyphen
        ("com-", "promising", True),  # "compromise" is a word, and short halves prove nothing
        ("multi-", "layer", True),  # a prefix that keeps none
        ("FM-", "dominated", False),  # an acronym
        ("Cape-", "Mornay", False),  # a capital follows
        ("2019-", "2020,", False),
        ("state-of-the-", "art", False),
        ("xylo-", "phone", True),  # unknown altogether: most breaks are the typesetter's
    ],
)
def test_a_hyphen_at_a_lines_end_is_kept_only_where_it_belongs_to_the_word(
    before: str, after: str, joined: bool
) -> None:
    assert hyphens("known").joins(before, after) is joined


def test_what_the_document_writes_elsewhere_decides_first() -> None:
    assert not hyphens("a light-house, and a light-house.").joins("light-", "house")
    assert hyphens("some userfriendly tool").joins("user-", "friendly")


def test_without_a_word_list_the_documents_own_words_decide() -> None:
    own = hyphens("steam boat steam boat ship ship", frozenset())
    assert not own.joins("steam-", "boat")
    assert own.joins("harb-", "our")


def test_pieces_of_broken_words_are_not_learnt() -> None:
    made = Hyphens()
    made.learn([Word("light-", 0, 0, 0, 0, 0, True), Word("house,", 0, 0, 0, 0, 0)])
    assert made.counts == {"house": 1}

"""Small networks and their one training loop.

    words.py      a question -> a few dozen features of its words
    questions.py  vector and words of a question -> kind of answer, and where it stands: numpy, weights from rag/assets
    rules.py      the same without a network: what is used where the vectors are another encoder's
    labels.py     an answer -> the kind that it has
    wording.py    questions of our own, for what the sets lack
    examples.py   the sets that are read -> questions with their labels
    vectors.py    vectors of many texts, made once
    training.py   the training loop: any network, any loss
    kinds.py      puts these together: `footnote train questions`

Data and encoder come in as values; nothing here knows of libraries. torch is needed to train, not to ask.
"""

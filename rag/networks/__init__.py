"""Small networks and what trains them.

    words.py      a question -> a few dozen features of its words
    questions.py  vector and words of a question -> kind of answer, and where it stands: numpy, weights from rag/assets
    rules.py      the same without a network: what is used where the vectors are another encoder's
    labels.py     an answer -> the kind that it has
    wording.py    questions of our own, for what the sets lack
    examples.py   the sets that are read -> questions with their labels
    vectors.py    vectors of many texts, made once
    metrics.py    EM, F1, AUROC
    training.py   the training loop of small ones: whole epochs, stops when nothing is gained
    backbone.py   the encoder's transformer as the body of larger ones; what they store of it
    steps.py      the training loop of larger ones: step by step, hours, goes on where it was stopped
    kinds.py      the first: `footnote train questions`
    reader/       question and passage -> relevance, answered or not, span: `footnote train reader`
    checker/      claim and evidence -> supported, contradicted, unsupported: `footnote train checker`

Data and encoder come in as values; nothing here knows of libraries. torch is needed to train, not to ask.
"""

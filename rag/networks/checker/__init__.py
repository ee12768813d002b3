"""The support checker: a claim and its evidence -> supported, contradicted or unsupported.

pairs.py     the pairs that it learns from; sets of inference as they are given, with their licences
articles.py  articles with questions and answers
verbs.py     which words are verbs, and their forms
claims.py    question and answer -> a sentence
corrupt.py   a sentence -> a false one, or one that stays true
recipes.py   question and answer -> claim and evidence, true and false
built.py     recipes drawn for many questions
tabled.py    the same from the rows of tables
network.py   the network, and the checker that is asked
measure.py   macro F1, temperature, thresholds, reliability
train.py     puts these together: `footnote train checker`
"""

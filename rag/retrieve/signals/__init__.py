"""What speaks for a passage: one small scorer a signal, each a function from (question, candidates) to scores.

Each says on what idea it rests. What it is worth beside its absence: `python -m benchmarks.finding.ablation`.
"""

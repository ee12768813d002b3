"""Every sentence that Footnote itself says in an answer, and every word said to a model. No logic."""

NO_ANSWER = "The documents do not say. The nearest passages are listed below."

"""The reader: one encoder over (question, passage), three heads; and all that trains it."""

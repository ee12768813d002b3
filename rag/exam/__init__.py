"""An exam on a library: questions made of its own documents, asked back, judged. Pure; `rag.examining` is its flow."""

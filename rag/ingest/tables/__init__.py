"""Lines of tables to rows with a label, and cells under the headings of their columns."""

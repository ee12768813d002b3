"""Measuring: questions whose answers are known, asked of a library; figures with their intervals; a report."""

"""Answers, claims and evidence laid out: numbers as text, figures, pages."""

"""The kinds of question beyond single levers: one file a kind, each asked of a judge that says which worlds succeed."""

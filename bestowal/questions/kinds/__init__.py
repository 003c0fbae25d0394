"""Kinds of question: each module or package here is one by being there (`bestowal.questions.kind`)."""

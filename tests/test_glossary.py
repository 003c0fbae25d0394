"""GLOSSARY.md holds the words that the tables print, in alphabetical order, and no name that is not in the model."""

import re
from pathlib import Path

from bestowal.models import registry

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^\*\*(.+?)\.\*\* (.+)$", TEXT, flags=re.MULTILINE))
PLAIN = {
    *("arms", "born", "capital", "communities", "consumption", "debt", "died", "dispersed", "gifts", "harm"),
    *("joined", "left", "members", "output", "practising", "rent"),
}
"""Observables named by a plain English word, which need no entry."""


def test_entries_stand_in_alphabetical_order() -> None:
    assert len(ENTRIES) == len(re.findall(r"^\*\*", TEXT, flags=re.MULTILINE))
    words = [word.lower() for word in ENTRIES]
    assert words == sorted(words)


def test_every_name_in_code_is_a_parameter_or_an_observable_of_the_society() -> None:
    society = registry.load("society")
    known = {*society.params.model_fields, *(observable.name for observable in society.observables)}
    named = set(re.findall(r"`([a-z_0-9]+)`", "\n".join(ENTRIES.values())))
    assert named <= known | {"code"}


def test_every_group_of_parameters_has_an_entry() -> None:
    fields = registry.load("society").params.model_fields.values()
    groups = {extra["group"] for field in fields if isinstance(extra := field.json_schema_extra, dict)}
    assert groups and groups <= ENTRIES.keys()


def test_every_observable_that_is_not_plain_english_is_explained() -> None:
    names = {observable.name for observable in registry.load("society").observables} - PLAIN
    # Of the endings and their causes, one entry each explains all.
    names -= {name for name in names if name.startswith(("ended_", "cause_"))}
    explained = {word.lower() for word in ENTRIES} | set(re.findall(r"`([a-z_0-9]+)`", "\n".join(ENTRIES.values())))
    assert names <= explained


def test_an_entry_is_at_most_three_sentences() -> None:
    for word, text in ENTRIES.items():
        assert len(re.findall(r"[.:!?] (?=[A-Z])", re.sub(r"et al\.|\([^)]*\)", "", text))) <= 3, word

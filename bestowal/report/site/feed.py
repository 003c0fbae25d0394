"""The answers as an Atom feed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from urllib.parse import urljoin

from bestowal.report.site.items import Item, family

AUTHORITY = "bestowal.invalid,2026"  # of tag: URIs (RFC 4151): a name that is nobody's, and never will be (RFC 2606)
ATOM = "http://www.w3.org/2005/Atom"


def feed(items: Sequence[Item], address: str | None = None) -> str:
    """The answers as an Atom feed (RFC 4287), latest first.

    Ids are tag: URIs that follow the content; dates are those of computing, so that building again changes nothing.
    """
    base = "" if address is None else address.rstrip("/") + "/"
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})

    def add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
        made = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        made.text = text or None
        return made

    latest = sorted(items, key=lambda item: (item.updated, item.number), reverse=True)
    add(root, "id", f"tag:{AUTHORITY}:answers")
    add(root, "title", "bestowal: answers")
    add(root, "subtitle", "What a model of societies of giving answers to claims and questions, with intervals")
    add(root, "updated", latest[0].updated if latest else "1970-01-01T00:00:00Z")
    add(add(root, "author"), "name", "bestowal")
    add(root, "link", rel="self", type="application/atom+xml", href=urljoin(base, "feed.xml"))
    add(root, "link", rel="alternate", type="text/html", href=urljoin(base, "index.html"))
    add(root, "generator", "bestowal")
    for item in latest:
        entry = add(root, "entry")
        add(entry, "id", f"tag:{AUTHORITY}:answer:{item.id}")
        add(entry, "title", f"{item.subject}: {item.words}" if item.kind == "claim" else item.words)
        add(entry, "updated", item.updated)
        add(entry, "link", rel="alternate", type="text/html", href=urljoin(base, f"answers/{item.id}.html"))
        if item.supersedes:
            older = urljoin(base, f"answers/{item.supersedes}.html")
            add(entry, "link", rel="predecessor-version", type="text/html", href=older)
        add(entry, "category", term=item.theme, scheme=f"tag:{AUTHORITY}:themes", label=family(item.theme))
        add(entry, "category", term=item.side, scheme=f"tag:{AUTHORITY}:verdicts", label=item.verdict)
        add(entry, "summary", f"{item.verdict[0].upper()}{item.verdict[1:]}. {item.because}".strip(), type="text")
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

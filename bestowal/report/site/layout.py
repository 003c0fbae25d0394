"""What every page of the site shares: its templates and the name of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bestowal.report import answer_page as report
from bestowal.report.site.items import sentence

if TYPE_CHECKING:
    from jinja2 import Environment

SOURCE_PAGE = "“Egoistic Bestowal And Spiritual Bestowal” (laitman.com, January 2022)"


def page_templates() -> Environment:
    environment = report.templates()
    environment.filters["sentence"] = sentence
    return environment

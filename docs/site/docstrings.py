"""Module docstrings as Markdown: paragraphs flow, and what is aligned by spaces stays as it is laid out."""

import itertools
import re

_SPANS = re.compile(r"(`[^`]+`)")


def markdown(docstring: str) -> str:
    """Return a docstring as Markdown: prose as paragraphs, indented or aligned lines as blocks of text."""
    parts = []
    for block in re.split(r"\n\s*\n", docstring.strip("\n")):
        for aligned, group in itertools.groupby(block.split("\n"), _aligned):
            lines = list(group)
            if aligned:
                indent = min(len(line) - len(line.lstrip()) for line in lines)
                text = "\n".join(line[indent:] for line in lines)
                joined = parts and parts[-1].endswith("\n```") and not parts[-1].endswith("\n\n```")
                if joined and block == "\n".join(lines):
                    parts[-1] = f"{parts[-1][:-4]}\n\n{text}\n```"
                else:
                    parts.append(f"```{{.text .docstring}}\n{text}\n```")
            else:
                parts.append(_prose(lines))
    return "\n\n".join(parts)


def _aligned(line: str) -> bool:
    return line.startswith("  ") or "   " in line.strip()


def _prose(lines: list[str]) -> str:
    """Return lines of prose as one paragraph, or as a list where they begin with a dash."""
    items: list[str] = []
    for line in lines:
        if items and not line.startswith("- "):
            items[-1] += " " + line.strip()
        else:
            items.append(line.strip())
    return "\n".join(_escaped(item) for item in items)


def _escaped(text: str) -> str:
    """Return text with Markdown's marks escaped outside of code."""
    parts = _SPANS.split(text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\*_<\[\]])", r"\\\1", part) for part in parts)

"""Pages of the file formats."""


def pages() -> dict[str, str]:
    """Return the pages of the file formats by the site's path."""
    return {"formats/index.md": "# The file formats\n"}

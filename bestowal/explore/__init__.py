"""`explore`: two worlds with the same luck on a page, served here, mailed as one file, or shown in a notebook."""

from bestowal.explore.export import export
from bestowal.explore.server import serve

__all__ = ["export", "serve"]

"""`explore`: two worlds with common random numbers on a page: served here, saved as a file, or in a notebook."""

from bestowal.explore.export import export
from bestowal.explore.server import serve

__all__ = ["export", "serve"]

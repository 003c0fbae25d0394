"""Claims of papers and of the source, each run and judged."""

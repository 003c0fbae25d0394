"""How figures are drawn: as SVG in the colours of a page, with the axes that several of them share."""

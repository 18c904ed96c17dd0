"""Charts as SVG, drawn by hand: no script, no font, no file of others; every text in them is escaped."""

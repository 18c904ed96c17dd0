"""Who is asking: keys, sessions, tokens and links, each proved and turned into a subject. Knows no route."""

"""How the world sees jobs: HTTP, by aiohttp, here only. It decides nothing: it reads, asks the engine, and shows."""

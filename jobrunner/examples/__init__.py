"""Real systems built on the public API of jobrunner; imports from it only what any user may."""

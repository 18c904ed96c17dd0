"""How an attempt runs: as a coroutine on the event loop, or in a thread.

An executor knows nothing of attempts or retries.
"""

"""How an attempt runs: as a coroutine on the event loop, in a thread, in a process, or elsewhere.

An executor knows nothing of attempts or retries.
"""

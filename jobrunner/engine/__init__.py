"""How jobs happen: decided in memory, on immutable jobs; released by the commit; told afterwards.

Never another order.
"""

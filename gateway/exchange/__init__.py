"""The wrappers round one exchange with a system, in order: observe, breaker, limit, deadline.

Used by relay and query. May import ``security`` and what lies below it.
"""

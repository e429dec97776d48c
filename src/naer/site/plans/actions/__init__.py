"""Everything people write in plans, each in one transaction, with the trace it leaves.

Access is checked here and nowhere later; `now` and `new_id` are the caller's.
"""

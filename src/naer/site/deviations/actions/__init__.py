"""Everything that is done about a deviation: each checks access, keeps what was said, and leaves its trace.

One transaction each. What was said is never changed: a later answer or suggestion stands beside the earlier.
With a citizen, that it was raised, answered, agreed and closed are events too; what was written is in none.
"""

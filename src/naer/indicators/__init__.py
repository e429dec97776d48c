"""Numbers about how it goes: proportions and their intervals, comparison, change over time, small numbers.

Plain functions on plain numbers; each names its formula and its source.
"""

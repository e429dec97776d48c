"""The columnar driver: an agreement compiled to one table of roles, walked over packed events.

`reference` in `naer.agreement` says what an agreement means; this package says the same of a whole
country's history at once.
"""

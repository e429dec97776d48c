"""The columns that have one dictionary for the whole store."""

COLUMNS = {
    "kind": "kinds",
    "organisation": "organisations",
    "municipality": "municipalities",
    "source": "sources",
}
"""Column → the manifest's list of its texts."""

"""Logs from files: CSV, Parquet, NDJSON and XES become events; what cannot is counted with its reason."""

from naer.logs.error import LogError

__all__ = ["LogError"]

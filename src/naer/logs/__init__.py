"""Logs from files: CSV, Parquet, NDJSON and XES become events; what cannot is counted with its reason."""

from naer.logs.error import LogError
from naer.logs.read import ReadLog, read
from naer.logs.row import Exclusion

__all__ = ["Exclusion", "LogError", "ReadLog", "read"]

"""The question of bench/replay.py, asked of others: each module is one cold process.

    python -m bench.peers.polars LOG ANSWER

LOG is a folder of Parquet files, ANSWER the file its figures are written to (see `question.save`).
"""

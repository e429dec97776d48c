"""The Norwegian care messages (PLO), dialogue messages and application receipts, in KITH XML."""

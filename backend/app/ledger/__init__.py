"""The ledger, read only: the one package that knows SQLite and the tables."""

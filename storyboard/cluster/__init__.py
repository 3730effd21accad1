"""The ledger of a farm on PostgreSQL: many machines, one account. Nothing imports it unless a ledger is configured."""

"""The roster of staff and the ledger of trainings as workbooks: what a row means, what it changes, writing that set-based."""

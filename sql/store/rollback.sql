-- Forgets the transaction's changes.
rollback;

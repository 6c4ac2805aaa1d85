-- Makes the transaction's changes durable.
commit;

-- Opens a transaction.
begin transaction;

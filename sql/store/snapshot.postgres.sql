-- What is read from here on in the open transaction is as of one moment: rows that come in meanwhile
-- are neither read nor deleted. DuckDB does so by itself.
set transaction isolation level repeatable read;

-- Writes what is in the write-ahead log into the database.
checkpoint;

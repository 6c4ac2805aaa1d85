-- Takes the tables for one ETL, as long as the connection lives: the file belongs to one process.
--
-- Columns
--   claimed  bool
select true as claimed;

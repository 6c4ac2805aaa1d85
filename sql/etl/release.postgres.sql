-- Gives back what etl/claim took.
--
-- Columns
--   released  bool
select pg_advisory_unlock(hashtextextended('attune etl', 0)) as released;

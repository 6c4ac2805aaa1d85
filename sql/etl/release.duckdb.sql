-- Gives back what etl/claim took.
--
-- Columns
--   released  bool
select true as released;

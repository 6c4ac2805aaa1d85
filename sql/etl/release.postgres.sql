-- Gives back what etl/claim took, and its leave not to wait.
--
-- Columns
--   released  bool
select pg_advisory_unlock(hashtextextended('attune etl', 0)) as released
where set_config('synchronous_commit', 'on', false) is not null;

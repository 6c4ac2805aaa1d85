-- How long a statement of this session may take.
--
-- Parameters
--   $1 milliseconds text   0: as long as it likes
-- Columns
--   set_config
select set_config('statement_timeout', $1::text, false);

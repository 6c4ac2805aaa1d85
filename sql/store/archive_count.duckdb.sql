-- How many files of the archive this connection has set out to read.
--
-- Columns
--   files  int64
select coalesce(len(cast(getvariable('archive_files') as varchar[])), 0) as files;

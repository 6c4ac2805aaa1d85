-- Takes a file out of the catalogue of the archive.
--
-- Parameters
--   $1 file  text
delete from archive_file
where file = $1;

-- Puts a file into the catalogue of the archive.
--
-- Parameters
--   $1 file        text        below the archive's folder
--   $2 site_id     text
--   $3 table_name  text
--   $4 month       date        its first day
--   $5 row_count   int64
--   $6 file_bytes  int64
--   $7 sha256      text
--   $8 first_at    timestamp
--   $9 last_at     timestamp
--   $10 made_at    timestamp
insert into archive_file (
  file, site_id, table_name, month, row_count, file_bytes, sha256, first_at, last_at, made_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

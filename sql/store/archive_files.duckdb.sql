-- Keeps the whole paths of the archive's files for store/archive_view, which has to know them when
-- it is made. The archive lies beside the database file.
set variable archive_files = (
  select list(folder.path || file order by file)
  from archive_file
  cross join (
    select parse_dirpath(path) || '/archive/' as path
    from duckdb_databases()
    where database_name = current_database()
  ) as folder
);

target_link_libraries(attune_store PRIVATE duckdb simdjson::simdjson PkgConfig::xxhash PkgConfig::libpq date::date)

# Every query and migration, compiled in: see src/store/sql_catalog.h.
file(GLOB_RECURSE attune_sql_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/sql/*.sql")
attune_embed(attune_store sql_files "${CMAKE_SOURCE_DIR}/sql" ${attune_sql_files})

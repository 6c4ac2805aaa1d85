target_link_libraries(attune_store PRIVATE duckdb simdjson::simdjson PkgConfig::xxhash)

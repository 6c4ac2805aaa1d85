target_link_libraries(attune_etl PRIVATE simdjson::simdjson)

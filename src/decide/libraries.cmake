target_link_libraries(attune_decide PRIVATE Boost::json)

target_link_libraries(attune_campaign PUBLIC Boost::json)

# User agent rules of uap-core (Apache-2.0, Debian package uap-core) and our own referrer table are
# compiled into the program.
find_file(ATTUNE_USER_AGENT_RULES regexes.yaml PATHS /usr/share/uap-core NO_DEFAULT_PATH REQUIRED)
cmake_path(GET ATTUNE_USER_AGENT_RULES PARENT_PATH uap_core)
attune_embed(attune_collect user_agent_rules "${uap_core}" "${ATTUNE_USER_AGENT_RULES}")
attune_embed(attune_collect referrer_table "${CMAKE_CURRENT_LIST_DIR}/data"
  "${CMAKE_CURRENT_LIST_DIR}/data/referrers.txt")
target_link_libraries(attune_collect PRIVATE simdjson::simdjson PkgConfig::sodium PkgConfig::re2
  yaml-cpp)

target_link_libraries(attune_base PUBLIC spdlog::spdlog PRIVATE PkgConfig::sodium OpenSSL::Crypto
  PkgConfig::xxhash date::date-tz)

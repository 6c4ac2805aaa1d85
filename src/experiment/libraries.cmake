target_link_libraries(attune_experiment PUBLIC Boost::json
  PRIVATE Boost::url PkgConfig::re2 OpenSSL::Crypto simdjson::simdjson)

find_package(ZLIB REQUIRED)
# Not by prometheus-cpp's own CMake package: that insists on curl, which only its push client needs.
find_library(ATTUNE_PROMETHEUS_CORE prometheus-cpp-core REQUIRED)
target_link_libraries(attune_serve PUBLIC ${ATTUNE_PROMETHEUS_CORE}
  PRIVATE Boost::url Boost::json OpenSSL::SSL OpenSSL::Crypto PkgConfig::sodium ZLIB::ZLIB)

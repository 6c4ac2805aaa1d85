find_package(ZLIB REQUIRED)
find_package(EXPAT REQUIRED)
# Not by prometheus-cpp's own CMake package: that insists on curl, which only its push client needs.
find_library(ATTUNE_PROMETHEUS_CORE prometheus-cpp-core REQUIRED)
target_link_libraries(attune_serve PUBLIC ${ATTUNE_PROMETHEUS_CORE}
  PRIVATE Boost::url Boost::json OpenSSL::SSL OpenSSL::Crypto PkgConfig::sodium ZLIB::ZLIB
  EXPAT::EXPAT)

# Files that are answered as they are. An empty list is a build without them.
file(GLOB_RECURSE attune_web_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/dist/*")
attune_embed(attune_serve web_files "${CMAKE_SOURCE_DIR}/web/dist" ${attune_web_files})
file(GLOB attune_tracker_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tracker/dist/*.js")
attune_embed(attune_serve tracker_files "${CMAKE_SOURCE_DIR}/tracker/dist" ${attune_tracker_files})
file(GLOB_RECURSE attune_shop_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/examples/shop/pages/*")
attune_embed(attune_serve shop_files "${CMAKE_SOURCE_DIR}/examples/shop/pages" ${attune_shop_files})
attune_embed(attune_serve serve_files "${CMAKE_SOURCE_DIR}/src/serve" "${CMAKE_SOURCE_DIR}/src/serve/schemas.json")

target_link_libraries(attune_learn PRIVATE OpenSSL::Crypto Eigen3::Eigen Boost::json
  ${ATTUNE_OPENBLAS})
# Loops over small matrices, which only vectors of the processor make fast.
set_source_files_properties("${CMAKE_CURRENT_SOURCE_DIR}/learn/normal_matrix.cpp"
  TARGET_DIRECTORY attune_learn PROPERTIES
  COMPILE_OPTIONS "-O3")

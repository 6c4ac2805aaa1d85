target_link_libraries(attune_learn PRIVATE OpenSSL::Crypto Eigen3::Eigen)

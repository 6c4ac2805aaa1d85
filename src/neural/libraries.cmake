# The program attune-neural: the only one that links libtorch and XGBoost, and not built without them.
# The server finds it beside itself, or refuses what it trains. Sanitizers do not get along with libtorch's
# own objects, so that the sanitized presets go without it too.
find_library(ATTUNE_TORCH torch)
find_library(ATTUNE_TORCH_CPU torch_cpu)
find_library(ATTUNE_C10 c10)
find_library(ATTUNE_XGBOOST xgboost)
find_path(ATTUNE_TORCH_API torch/torch.h PATH_SUFFIXES torch/csrc/api/include)
if(ATTUNE_TORCH AND ATTUNE_TORCH_CPU AND ATTUNE_C10 AND ATTUNE_TORCH_API AND ATTUNE_XGBOOST
   AND NOT ATTUNE_SANITIZE)
  file(GLOB neural_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/neural/*.cpp")
  list(REMOVE_ITEM neural_sources "${CMAKE_SOURCE_DIR}/src/neural/main.cpp"
    "${CMAKE_SOURCE_DIR}/src/neural/tree_trainer.cpp")
  # Apart, so that the tests of all strategies can do without libtorch.
  add_library(attune_trees STATIC "${CMAKE_SOURCE_DIR}/src/neural/tree_trainer.cpp")
  target_link_libraries(attune_trees PRIVATE attune_options PUBLIC attune_learn "${ATTUNE_XGBOOST}")
  add_library(attune_neural STATIC ${neural_sources})
  target_include_directories(attune_neural SYSTEM PRIVATE "${ATTUNE_TORCH_API}")
  target_link_libraries(attune_neural PRIVATE attune_options
    PUBLIC attune_trees "${ATTUNE_TORCH}" "${ATTUNE_TORCH_CPU}" "${ATTUNE_C10}")
  add_executable(attune-neural "${CMAKE_SOURCE_DIR}/src/neural/main.cpp")
  target_link_libraries(attune-neural PRIVATE attune_options attune_neural)
  set_target_properties(attune-neural PROPERTIES BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN"
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
else()
  message(STATUS "attune-neural is left out: no libtorch or XGBoost, or a sanitized build")
endif()

# Language, warnings, sanitizers, ccache and the third-party packages, in one place.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# -O2: at -O3 gcc 12 warns falsely (-Wrestrict), and measured nothing for it here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(attune_options INTERFACE)
target_compile_options(attune_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(attune_options INTERFACE -Wthread-safety)  # see src/base/mutex.h
endif()
if(ATTUNE_FUZZ)
  target_compile_options(attune_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(ATTUNE_WERROR)
  target_compile_options(attune_options INTERFACE -Werror)
endif()
if(ATTUNE_SANITIZE)
  target_compile_options(attune_options INTERFACE -fsanitize=${ATTUNE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(attune_options INTERFACE -fsanitize=${ATTUNE_SANITIZE})
  target_compile_definitions(attune_options INTERFACE ATTUNE_SANITIZED=1)
  if(ATTUNE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(attune_options INTERFACE -Wno-tsan)  # Asio's fences: gcc only warns that it skips them
  endif()
endif()

find_program(ATTUNE_CCACHE ccache)
if(ATTUNE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ATTUNE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ATTUNE_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS url json)
find_package(simdjson REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Eigen3 REQUIRED)
find_library(ATTUNE_OPENBLAS NAMES openblas REQUIRED)
find_package(date REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(maxminddb REQUIRED IMPORTED_TARGET libmaxminddb)

# DuckDB comes as a shared library from npm; tools/fetch_duckdb puts it under build/deps.
set(ATTUNE_DUCKDB_DIR "${CMAKE_SOURCE_DIR}/build/deps/duckdb" CACHE PATH "duckdb.h and libduckdb.so")
if(NOT EXISTS "${ATTUNE_DUCKDB_DIR}/libduckdb.so")
  execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch_duckdb" "${ATTUNE_DUCKDB_DIR}"
    COMMAND_ERROR_IS_FATAL ANY)
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${ATTUNE_DUCKDB_DIR}/libduckdb.so"
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES "${ATTUNE_DUCKDB_DIR}")

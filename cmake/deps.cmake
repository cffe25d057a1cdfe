# Third-party libraries. Debian's packages carry pkg-config or CMake files; DuckDB comes from npm by
# tools/fetch_duckdb.sh, which puts it where CAIRN_DUCKDB_DIR points.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(libdeflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(libcrypto REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(libssl REQUIRED IMPORTED_TARGET libssl libcrypto)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

set(CAIRN_DUCKDB_DIR "${PROJECT_SOURCE_DIR}/build/deps/duckdb" CACHE PATH "Holds include/duckdb.h and lib/libduckdb.so")
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${CAIRN_DUCKDB_DIR}/lib/libduckdb.so"
  IMPORTED_NO_SONAME TRUE)
if(NOT EXISTS "${CAIRN_DUCKDB_DIR}/lib/libduckdb.so")
  message(FATAL_ERROR "DuckDB is missing: run tools/fetch_duckdb.sh")
endif()
set_target_properties(duckdb PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${CAIRN_DUCKDB_DIR}/include"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${CAIRN_DUCKDB_DIR}/include")

# Asio and Beast: headers only; what can be compiled once is, in src/server/boost_impl.cc.
find_package(Boost 1.81 REQUIRED)
add_library(cairn_boost INTERFACE)
target_include_directories(cairn_boost SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_definitions(cairn_boost INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)

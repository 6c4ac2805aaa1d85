// Which database lies behind the interface.
#pragma once

#include <cstdint>
#include <string_view>

namespace attune::store {

enum class Engine : std::uint8_t { duckdb, postgres };

std::string_view to_string(Engine engine);   // "duckdb", "postgres": also the suffix of files

}  // namespace attune::store

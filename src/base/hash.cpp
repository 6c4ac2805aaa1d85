#include "base/hash.h"

#include <xxhash.h>

namespace attune {

std::uint64_t hash64(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::int64_t stable_id(std::string_view scope, std::string_view external) {
  const std::uint64_t mixed = hash64(external, hash64(scope));
  const auto id = static_cast<std::int64_t>(mixed >> 1);
  return id == 0 ? 1 : id;
}

}  // namespace attune

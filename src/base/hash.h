// 64-bit hashes of text (xxHash3): fast, fixed for ever because ids stored on disk are made of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace attune {

/// XXH3 of `text` with `seed`; the same on every machine and version.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0);

/// A positive 63-bit id for `external` within `scope` (a site): what `users.id` and `product.id` are.
std::int64_t stable_id(std::string_view scope, std::string_view external);

}  // namespace attune

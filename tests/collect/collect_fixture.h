// One enricher for all tests of the program (its rules take a quarter of a second to compile), two
// sites, and helpers that turn bodies into events and back.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "collect/enrich.h"
#include "collect/native.h"
#include "event/codec.h"
#include "event/site_directory.h"

namespace attune::collect::testing {

inline constexpr std::int64_t kNowMs = 1795255200000;  // 2026-11-21T10:00:00Z
inline constexpr const char* kFirefox =
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";
inline constexpr const char* kShopId = "6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01";
inline constexpr const char* kBlogId = "6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c02";

inline Uuid uuid(std::string_view text) {
  auto id = Uuid::parse(text);
  ensure(id.has_value(), "a test writes good ids");
  return *id;
}

/// shop.example takes events from anywhere; blog.example from its own origin only.
inline event::SiteSnapshot two_sites() {
  event::SiteSnapshot sites;
  event::Site shop;
  shop.id = uuid(kShopId);
  shop.domain = "shop.example";
  shop.public_key = "pk_shop";
  shop.redact_names = {"mother_maiden"};
  event::Site blog;
  blog.id = uuid(kBlogId);
  blog.domain = "blog.example";
  blog.allowed_origins = {"https://blog.example", "*.blog.example"};
  blog.store_ip = false;
  blog.currency = "USD";
  sites.by_public_key["pk_shop"] = shop.id;
  sites.by_id[shop.id] = shop;
  sites.by_id[blog.id] = blog;
  return sites;
}

inline const Enricher& shared_enricher() {
  static const std::unique_ptr<Enricher> enricher = [] {
    auto opened = Enricher::open({.salt_path = "", .geoip_path = "", .geoip6_path = ""}, kNowMs);
    ensure(opened.has_value(), "an enricher opens without files");
    return std::move(*opened);
  }();
  return *enricher;
}

inline RequestContext browser() {
  RequestContext context;
  context.received_ms = kNowMs;
  context.client_ip = "203.0.113.77";
  context.user_agent = kFirefox;
  context.origin = "https://shop.example";
  context.accept_language = "de-DE,de;q=0.9,en;q=0.8";
  return context;
}

inline std::vector<event::Event> events_of(const journal::RecordBatch& batch) {
  std::vector<event::Event> events;
  std::size_t from = 0;
  for (const std::uint32_t end : batch.ends) {
    auto& event = events.emplace_back();
    const auto decoded = decode(std::string_view(batch.bytes).substr(from, end - from), event);
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message());
    from = end;
  }
  EXPECT_EQ(from, batch.bytes.size());
  return events;
}

/// Folder of the real data, or empty when it is not there: then a test skips.
inline std::filesystem::path real_data(const char* file) {
  const char* set = std::getenv("ATTUNE_TEST_DATA");
  const char* source = std::getenv("ATTUNE_SOURCE_DIR");
  std::filesystem::path folder = set != nullptr && *set != '\0' ? std::filesystem::path(set)
                                 : source != nullptr
                                     ? std::filesystem::path(source) / "../shared/data"
                                     : std::filesystem::path("../shared/data");
  folder /= file;
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

}  // namespace attune::collect::testing

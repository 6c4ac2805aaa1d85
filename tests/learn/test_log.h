// Small session logs for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/random.h"
#include "base/result.h"
#include "learn/session_log.h"

namespace attune::learn {

inline constexpr std::int64_t kTestStartMs = 1'700'000'000'000;

/// Visit i holds the letters of text i, a minute apart; visit i + 1 is an hour later.
inline SessionLog log_of(std::initializer_list<std::string_view> visits) {
  SessionLogBuilder builder;
  std::int64_t visit = 0;
  for (const std::string_view letters : visits) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      builder.add(fmt::format("visit-{:04}", visit), letters.substr(i, 1),
                  kTestStartMs + visit * 3'600'000 + static_cast<std::int64_t>(i) * 60'000);
    }
    ++visit;
  }
  return std::move(*builder.build());
}

struct RandomLogOptions {
  std::size_t visits = 200;
  std::size_t items = 40;
  std::size_t length_max = 8;
  std::uint64_t seed = 1;
};

/// Visits that stay within a neighbourhood of items, so that there is something to learn.
inline SessionLog random_log(const RandomLogOptions& options) {
  Random random(options.seed);
  SessionLogBuilder builder;
  for (std::size_t v = 0; v < options.visits; ++v) {
    const std::size_t home = random.below(options.items);
    const std::size_t length = 2 + random.below(options.length_max - 1);
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t item = (home + random.below(5)) % options.items;
      builder.add(fmt::format("v{:05}", v), fmt::format("item-{:03}", item),
                  kTestStartMs + static_cast<std::int64_t>(v * 600'000 + i * 20'000));
    }
  }
  return std::move(*builder.build());
}

/// The folder of real data, or empty when it is not there.
inline std::string test_data(std::string_view name) {
  std::filesystem::path folder = "../shared/data";
  if (const char* given = std::getenv("ATTUNE_TEST_DATA")) {
    folder = given;
  } else if (const char* source = std::getenv("ATTUNE_SOURCE_DIR")) {
    folder = std::filesystem::path(source) / "../shared/data";
  }
  const std::filesystem::path path = folder / name;
  return std::filesystem::exists(path) ? path.string() : std::string{};
}

/// A folder that goes away with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "attune-learn-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace attune::learn

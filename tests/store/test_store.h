// A database of a test's own: in memory, or in a folder that goes away with it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/embedded.h"
#include "base/uuid.h"
#include "store/duckdb/duckdb_store.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store {

class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() / ("attune-" + Uuid::random().text())) {
    std::filesystem::create_directory(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// SQL files of a test beside those of sql/store, which every store needs.
class TestFiles {
 public:
  explicit TestFiles(Engine engine = Engine::duckdb) : own_(engine) {
    for (const auto& entry : own_.files()) {
      if (entry.first.starts_with("store/")) add(entry.first, entry.second.text);
    }
  }
  /// path  without suffix.
  void add(std::string_view path, std::string_view text) {
    texts_[std::string(path) + ".sql"] = text;
  }
  /// The catalogue's text lives as long as this object and is not changed meanwhile.
  SqlCatalog catalog() const {
    std::vector<embedded::File> files;
    for (const auto& entry : texts_) files.push_back({entry.first, entry.second});
    return SqlCatalog(own_.engine(), files);
  }

 private:
  SqlCatalog own_;
  std::map<std::string, std::string> texts_;
};

/// The value, or a failed test with the error's text.
template <class T>
T must(Result<T> result, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!result) {
    ADD_FAILURE_AT(file, line) << to_string(result.error().code()) << ": "
                               << result.error().message();
    if constexpr (std::is_void_v<T>) return;
    else throw std::runtime_error("no value");
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace attune::store

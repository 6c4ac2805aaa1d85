#include "sources/matrix.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace attune::sources {
namespace {

constexpr std::array kFates = {
    std::pair{std::string_view("made"), Fate::made},
    std::pair{std::string_view("verbatim"), Fate::verbatim},
    std::pair{std::string_view("translated"), Fate::translated},
    std::pair{std::string_view("not applicable"), Fate::not_applicable},
};
constexpr std::array kExpectations = {
    std::pair{std::string_view(", runs"), Expectation::runs},
    std::pair{std::string_view(", rows"), Expectation::rows},
    std::pair{std::string_view(", no rows"), Expectation::no_rows},
    std::pair{std::string_view(", undone"), Expectation::undone},
    std::pair{std::string_view(", fails with "), Expectation::fails},
};

class Reader {
 public:
  std::vector<Statement> read(std::istream& in) {
    for (std::string line; std::getline(in, line);) {
      ++number_;
      if (block_) {
        if (line == "```") block_ = nullptr;
        else block_->append(line).append("\n");
      } else {
        take(line);
      }
    }
    return std::move(statements_);
  }

 private:
  void take(const std::string& line) {
    if (line.starts_with("## ")) return end_statement();
    if (line.starts_with("### ")) {
      end_statement();
      statements_.push_back({.name = line.substr(4), .sql = {}, .duckdb = {}, .postgres = {}});
      inside_ = true;
    } else if (!inside_) {
      return;
    } else if (line == "```sql") {
      block_ = engine_ ? &engine_->translation : &statements_.back().sql;
    } else if (line.starts_with("DuckDB: ")) {
      take_engine(statements_.back().duckdb, line.substr(8));
    } else if (line.starts_with("PostgreSQL: ")) {
      take_engine(statements_.back().postgres, line.substr(12));
    } else if (line.starts_with("- ") && engine_) {
      take_deviations(line);
    } else if (!line.empty()) {
      fail("neither a statement nor what an engine does with it");
    }
  }

  void end_statement() {
    if (inside_) {
      const Statement& last = statements_.back();
      if (last.sql.empty() || !last.duckdb.given || !last.postgres.given) {
        fail(last.name + ": needs a statement, DuckDB and PostgreSQL");
      }
    }
    inside_ = false;
    engine_ = nullptr;
  }

  void take_engine(OnEngine& engine, std::string_view text) {
    engine_ = &engine;
    engine.given = true;
    const std::size_t end = text.find('.');
    std::string_view words = text.substr(0, end);
    if (end != std::string_view::npos && end + 2 < text.size()) {
      engine.reason = text.substr(end + 2);
    }
    bool found = false;
    for (const auto& [word, fate] : kFates) {
      if (!words.starts_with(word)) continue;
      engine.fate = fate;
      words.remove_prefix(word.size());
      found = true;
      break;
    }
    if (!found) return fail("made, verbatim, translated or not applicable");
    if (engine.fate == Fate::made || engine.fate == Fate::not_applicable) {
      if (!words.empty()) fail("nothing is expected of what is " + std::string(text));
      if (engine.fate == Fate::not_applicable && engine.reason.empty()) fail("give the reason");
      return;
    }
    for (const auto& [word, expectation] : kExpectations) {
      if (!words.starts_with(word)) continue;
      engine.expectation = expectation;
      if (expectation == Expectation::fails) engine.failure = words.substr(word.size());
      return;
    }
    fail("runs, rows, no rows, undone or fails with");
  }

  /// - `one`, `another`: reason
  void take_deviations(const std::string& line) {
    std::size_t at = 2;
    while (at < line.size() && line[at] == '`') {
      const std::size_t end = line.find('`', at + 1);
      if (end == std::string::npos) return fail("a deviation without an end");
      engine_->deviations.push_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
      if (line.compare(at, 3, ", `") == 0) at += 2;
    }
    if (line.compare(at, 2, ": ") != 0 || line.size() < at + 5) fail("a deviation needs a reason");
  }

  void fail(const std::string& what) {
    ADD_FAILURE() << "docs/sources.md:" << number_ << ": " << what;
  }

  std::vector<Statement> statements_;
  bool inside_ = false;
  OnEngine* engine_ = nullptr;
  std::string* block_ = nullptr;
  int number_ = 0;
};

}  // namespace

std::string read_source(const std::string& path) {
  const char* root = std::getenv("ATTUNE_SOURCE_DIR");
  std::ifstream file(std::string(root ? root : ".") + "/" + path);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string statement_named(const std::string& name) {
  for (const Statement& each : read_matrix()) {
    if (each.name == name) return each.sql;
  }
  ADD_FAILURE() << "docs/sources.md has no " << name;
  return {};
}

std::vector<Statement> read_matrix() {
  // The last statement ends like the others, at a heading.
  std::istringstream in(read_source("docs/sources.md") + "\n## \n");
  return Reader().read(in);
}

}  // namespace attune::sources

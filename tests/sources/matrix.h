// docs/sources.md as data: each statement of the source documents and what the engines do with it.
// The document is the only place that says so; tests run it from here.
#pragma once

#include <string>
#include <vector>

#include "store/engine.h"

namespace attune::sources {

/// What becomes of a statement on one engine.
enum class Fate { made, verbatim, translated, not_applicable };

/// What a statement that is run has to do.
enum class Expectation { runs, rows, no_rows, undone, fails };

struct OnEngine {
  bool given = false;
  Fate fate = Fate::verbatim;
  Expectation expectation = Expectation::runs;
  std::string failure;                   // for `fails`: words its message has
  std::string reason;
  std::string translation;
  std::vector<std::string> deviations;   // for `made`, as deviations_of words them
};

struct Statement {
  std::string name;   // "analytics 7"
  std::string sql;    // as in the source, one or more with one fate
  OnEngine duckdb;
  OnEngine postgres;

  const OnEngine& on(store::Engine engine) const {
    return engine == store::Engine::duckdb ? duckdb : postgres;
  }
};

/// Reads the document of this source tree; a line it cannot read fails the test.
std::vector<Statement> read_matrix();

/// The text of the statement with that name ("rl 24: test insert"), as in its source.
std::string statement_named(const std::string& name);

/// A file of this source tree.
std::string read_source(const std::string& path);

}  // namespace attune::sources

// What the matrix of routes asks of each of them, and the rows of some.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "store/store.h"

namespace attune::serve {

/// A request that is refused for what it says.
struct Bad {
  std::string what;
  std::string target;  // empty: the row's
  std::string body;
  int status;
  std::string field;  // of the error; empty: any
};

/// A good request of a route, and bad ones that only this route has.
struct Row {
  std::string target;
  std::string body;     // empty: none
  std::string headers;  // besides the key
  std::vector<Bad> bad;
};

using Rows = std::map<std::string, Row>;

/// base  the address of a site.
void add_stats_rows(Rows& rows, const std::string& base);
/// Models, people and the catalogue; stores one of each through `session`.
void add_model_rows(Rows& rows, store::Session& session, const Uuid& site_id);

}  // namespace attune::serve

// Databases of both engines for one test: DuckDB in memory, PostgreSQL in a cluster that a test
// program starts once.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"
#include "store/test_store.h"

namespace attune::store {

class Engines {
 public:
  /// Whether PostgreSQL is installed; without it nothing of it can be checked.
  static bool has_postgres() { return !newest_postgres().empty(); }

  static Cluster& cluster() {
    static Cluster one(newest_postgres());
    return one;
  }

  /// A new, empty database of the cluster.
  static std::string fresh_url() {
    static int count = 0;
    const std::string name = "fresh_" + std::to_string(++count);
    cluster().feed("create database " + name + ";");
    return cluster().url(name);
  }

  static std::unique_ptr<Store> fresh(const SqlCatalog& catalog) {
    if (catalog.engine() == Engine::duckdb) return must(open_duckdb({}, catalog));
    return must(open_postgres({.url = fresh_url()}, catalog));
  }
};

}  // namespace attune::store

// A PostgreSQL of a test's own: a cluster in a temporary folder, on a Unix socket alone, run by
// `postgres` when we are root (it refuses root), stopped at the end.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "store/test_store.h"

namespace attune::store {

struct Outcome {
  int status = 0;
  std::string output;   // both streams
};

inline Outcome run(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "cannot run " + command};
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    outcome.output.append(buffer, got);
  }
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

/// The newest version's programs, or those of ATTUNE_TEST_POSTGRES; empty: there are none.
inline std::string newest_postgres() {
  if (const char* given = std::getenv("ATTUNE_TEST_POSTGRES")) return given;
  std::string newest;
  std::error_code ignored;
  for (const auto& each : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string folder = (each.path() / "bin").string();
    if (std::filesystem::exists(folder + "/initdb")) newest = std::max(newest, folder);
  }
  return newest;
}

class Cluster {
 public:
  explicit Cluster(std::string binaries) : binaries_(std::move(binaries)) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    const std::string data = (folder_.path() / "data").string();
    const Outcome made = as_owner(binaries_ + "/initdb -D " + data +
                                  " -U postgres -A trust -E UTF8 --locale=C --no-sync");
    EXPECT_EQ(made.status, 0) << made.output;
    start();
  }
  ~Cluster() {
    stop();
    as_owner("rm -rf " + (folder_.path() / "data").string());
  }

  void start() {
    const std::string data = (folder_.path() / "data").string();
    const Outcome started =
        as_owner(binaries_ + "/pg_ctl -D " + data + " -w -t 60 -l " + data + "/out -o \"-k " +
                 folder_.path().string() + " -h '' -c fsync=off -c timezone=UTC\" start");
    EXPECT_EQ(started.status, 0) << started.output;
  }
  /// As after a crash: nobody is told.
  void stop() {
    as_owner(binaries_ + "/pg_ctl -D " + (folder_.path() / "data").string() + " -m immediate stop");
  }

  /// For libpq: the database of that name, as superuser unless another role is given.
  std::string url(const std::string& database = "postgres", const std::string& role = "postgres") {
    return "postgres:///" + database + "?user=" + role + "&host=" + folder_.path().string();
  }

  /// Feeds a script to psql; everything it says, notices and errors in order. Two at once need two
  /// names.
  Outcome feed(const std::string& script, const std::string& name = "script") {
    const std::string file = (folder_.path() / (name + ".sql")).string();
    std::ofstream(file) << script;
    std::filesystem::permissions(file, std::filesystem::perms::all);
    return as_owner("psql -X -q -A -t -h " + folder_.path().string() +
                    " -U postgres -d postgres -f " + file);
  }

 private:
  static Outcome as_owner(const std::string& command) {
    if (geteuid() != 0) return run(command);
    return run("cd / && runuser -u postgres -- " + command);
  }

  std::string binaries_;
  TemporaryFolder folder_;
};

}  // namespace attune::store

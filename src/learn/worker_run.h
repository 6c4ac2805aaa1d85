// The parent's side of work on a site's data that a child process does: the export it reads, its
// limits, its lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/result.h"
#include "learn/progress.h"
#include "learn/train.h"
#include "store/store.h"

namespace attune::learn {

/// Removes a file when it goes out of scope, if it is there.
class TemporaryFile {
 public:
  TemporaryFile(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~TemporaryFile() { (void)files_.remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  FileSystem& files_;
  std::string path_;
};

/// Where the site's models are.
std::string folder_of(const TrainOptions& options);

/// Writes the site's visits and catalogue into a file that a child reads.
/// Errors   failed_precondition: fewer than two visits have two items; those of store and disk.
[[nodiscard]] Result<void> export_site(store::Store& store, const Clock& clock,
                                       const TrainOptions& options, const std::string& path);

struct WorkerRun {
  std::string program;                  // empty: options.worker_program
  std::vector<std::string> arguments;   // beside those of the limits
  std::function<void(std::string_view)> on_result;   // a result line; may be empty
};

/// Runs the child to its end within the limits of `options`.
/// Errors   resource_exhausted: out of memory or time; failed_precondition: it refused (the message
///          is its own), or stop was requested; internal: it crashed; unavailable: it cannot be
///          started.
[[nodiscard]] Result<void> run_worker(const TrainOptions& options, const WorkerRun& run,
                                      const ProgressSink& progress);

}  // namespace attune::learn

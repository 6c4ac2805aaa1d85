#include "learn/neural_child.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/file_system.h"
#include "learn/child_process.h"
#include "learn/site_model.h"
#include "learn/training_data.h"
#include "learn/worker_protocol.h"

namespace attune::learn {
namespace {

namespace fs = std::filesystem;

/// A folder for the child's files that goes away with this.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code ignored;
    std::string name = (fs::temp_directory_path(ignored) / "attune-neural-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Passes "progress SHARE STAGE" on.
void hear(std::string_view line, const ProgressSink& progress) {
  if (!progress || !line.starts_with(kProgressWord)) return;
  line.remove_prefix(std::min(line.size(), kProgressWord.size() + 1));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return;
  double done = 0;
  std::from_chars(line.data(), line.data() + space, done);
  progress(line.substr(space + 1), done);
}

Result<void> check_end(const ChildExit& ended, const NeuralProgram& program) {
  if (ended.code == kExitOutOfMemory) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("attune-neural ran out of the {} MiB it may use; a smaller dimension, "
                            "fewer negatives or fewer items need less",
                            program.memory_bytes_max >> 20));
  }
  if (ended.code == 0) return {};
  return fail(ErrorCode::internal,
              fmt::format("attune-neural ended with {} {}: {}",
                          ended.signal != 0 ? "signal" : "code",
                          ended.signal != 0 ? ended.signal : ended.code, ended.error_text));
}

}  // namespace

Result<std::string> find_neural_program(const std::string& path) {
  std::error_code error;
  const std::string found =
      path.empty() ? (fs::read_symlink("/proc/self/exe", error).parent_path() / "attune-neural")
                         .string()
                   : path;
  if (!error && ::access(found.c_str(), X_OK) == 0) return found;
  return fail(ErrorCode::failed_precondition,
              fmt::format("neural strategies and the blend need the program attune-neural, and {} "
                          "is not there; build the target attune-neural and put it beside attune, "
                          "or choose another strategy",
                          found));
}

Result<std::unique_ptr<Recommender>> train_neural_model(const SessionLog& log,
                                                        const ModelParams& params,
                                                        const NeuralProgram& program,
                                                        const ProgressSink& progress,
                                                        const Catalogue& catalogue) {
  FileSystem& files = real_file_system();
  ChildOptions child;
  ATTUNE_ASSIGN(child.program, find_neural_program(program.path));
  const TemporaryFolder folder;
  if (folder.path().empty()) {
    return fail(ErrorCode::unavailable, "no folder can be made for the files of attune-neural");
  }
  const std::string in_path = folder.path() + "/visits";
  const std::string out_path = folder.path() + "/model";
  ATTUNE_TRY(save_training_data(files, {log, catalogue}, in_path));
  child.arguments = {std::string(kWorkerCommand),
                     "--in",
                     in_path,
                     "--out",
                     out_path,
                     "--model",
                     to_text(params),
                     "--held-out",
                     "no",
                     "--memory-bytes",
                     fmt::format("{}", program.memory_bytes_max),
                     "--nice",
                     fmt::format("{}", program.nice)};
  child.wait_ms_max = program.seconds_max * 1000;
  child.stop_requested = program.stop_requested;
  child.on_line = [&](std::string_view line) { hear(line, progress); };
  ATTUNE_ASSIGN(const ChildExit ended, run_child(child));
  ATTUNE_TRY(check_end(ended, program));
  ATTUNE_ASSIGN(const auto model, load_site_model(files, out_path));
  return std::move(model->model);
}

}  // namespace attune::learn

#include "learn/site_work.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "base/file_system.h"
#include "learn/protocol.h"
#include "learn/strategy.h"
#include "learn/tuned_params.h"
#include "learn/worker_protocol.h"
#include "learn/worker_run.h"

namespace attune::learn {
namespace {

constexpr std::uint64_t kReportBytesMax = 16U << 20;

/// Exports the site, has the child do `task`, and reads what it wrote. The files have fixed names:
/// what a killed server left is overwritten.
Result<std::string> report_of(store::Store& store, const Clock& clock, const TrainOptions& options,
                              const std::string& task, std::vector<std::string> arguments,
                              const ProgressSink& progress) {
  FileSystem& files = real_file_system();
  const std::string folder = folder_of(options);
  ATTUNE_TRY(files.create_folder(folder));
  const TemporaryFile in(files, fmt::format("{}/{}.export", folder, task));
  const TemporaryFile out(files, fmt::format("{}/{}.report", folder, task));
  if (progress) progress("reading the site's visits", 0);
  ATTUNE_TRY(export_site(store, clock, options, in.path()));
  arguments.insert(arguments.end(), {"--task", task, "--in", in.path(), "--out", out.path()});
  WorkerRun run;
  run.arguments = std::move(arguments);
  ATTUNE_TRY(run_worker(options, run, progress));
  return read_file(files, out.path(), kReportBytesMax);
}

}  // namespace

Result<std::string> evaluate_site(store::Store& store, const Clock& clock,
                                  const TrainOptions& options, const EvaluationRequest& request,
                                  const ProgressSink& progress) {
  ATTUNE_TRY(parse_protocol(request.protocol));
  if (!request.strategy.empty()) ATTUNE_TRY(default_params_of(request.strategy));
  return report_of(store, clock, options, std::string(kEvaluateTask),
                   {"--protocol", request.protocol, "--strategy", request.strategy, "--resamples",
                    fmt::format("{}", request.resamples), "--tuned", folder_of(options)},
                   progress);
}

Result<std::string> tune_site(store::Store& store, const Clock& clock, const TrainOptions& options,
                              const TuneRequest& request, const ProgressSink& progress) {
  ATTUNE_TRY(default_params_of(request.strategy));
  FileSystem& files = real_file_system();
  const std::string path = tuned_path(folder_of(options), request.strategy);
  if (request.reset) {
    auto removed = files.remove(path);
    if (!removed && removed.error().code() != ErrorCode::not_found) return pass(removed, path);
    return fmt::format(R"({{"text":"{} is trained with its defaults","report":{{}}}})",
                       request.strategy);
  }
  ATTUNE_ASSIGN(std::string report,
                report_of(store, clock, options, std::string(kTuneTask),
                          {"--strategy", request.strategy, "--trials",
                           fmt::format("{}", request.trials), "--seconds",
                           fmt::format("{}", request.seconds)},
                          progress));
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(report, error);
  if (error) return fail(ErrorCode::internal, "the search said something else than JSON");
  const auto& found = read.at("report").as_object();
  if (found.at("better").as_bool()) {
    ATTUNE_TRY(replace_file(files, path, std::string(found.at("params").as_string())));
  }
  return report;
}

}  // namespace attune::learn

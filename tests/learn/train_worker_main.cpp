// The child that train_site starts in the tests; with "sleep" or "crash" it misbehaves on purpose.
// `train-forever FOLDER SITE START_MS` trains one model a second of its own clock, to be killed at
// any moment.
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "learn/train.h"
#include "store/duckdb/duckdb_store.h"

namespace {

int train_forever(const std::string& folder, std::string_view site, std::int64_t start_ms) {
  using namespace attune;
  auto store = store::open_duckdb({.file = folder + "/attune.duckdb"});
  if (!store) return EXIT_FAILURE;
  ManualClock clock{start_ms};
  learn::TrainOptions options;
  options.data_dir = folder;
  options.site = *Uuid::parse(site);
  options.params = learn::published_params();
  for (;;) {
    clock.advance_ms(1000);
    const auto report =
        learn::train_site(**store, clock, options, [](std::string_view stage, double) {
          std::printf("%.*s\n", static_cast<int>(stage.size()), stage.data());
          std::fflush(stdout);
        });
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().message().c_str());
      return EXIT_FAILURE;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char* mood = std::getenv("ATTUNE_TEST_WORKER");
  if (mood != nullptr && std::string_view(mood) == "sleep") {
    ::pause();  // until it is killed
  }
  if (mood != nullptr && std::string_view(mood) == "crash") {
    std::fputs("about to fall over\n", stderr);
    std::raise(SIGKILL);
  }
  if (mood != nullptr && std::string_view(mood) == "garbage") {
    std::puts("result nonsense");
    return 0;
  }
  if (argc == 5 && std::string_view(argv[1]) == "train-forever") {
    return train_forever(argv[2], argv[3], std::atoll(argv[4]));
  }
  return attune::learn::run_train_worker(argc, argv).value_or(EXIT_FAILURE);
}

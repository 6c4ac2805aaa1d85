#include "neural/q_worker.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/file_system.h"
#include "learn/simulator_interest.h"
#include "learn/simulator_long_term.h"
#include "learn/worker_protocol.h"
#include "neural/q_trainer.h"

namespace attune::neural {
namespace {

constexpr std::uint32_t kStepsMax = 10'000'000;
constexpr std::uint32_t kHiddenMax = 1024;

struct Options {
  std::string simulator;
  std::string in_path;
  std::string out_path;
  QParams params;
  std::uint64_t memory_bytes = 0;
  int nice = 0;
};

template <class Number>
bool read_number(std::string_view text, Number& number, Number low, Number high) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= low &&
         number <= high;
}

bool set_option(Options& o, std::string_view name, std::string_view value) {
  if (name == "--simulator") {
    o.simulator = value;
    return value == "long-term" || value == "interest";
  }
  if (name == "--in") {
    o.in_path = value;
    return true;
  }
  if (name == "--out") {
    o.out_path = value;
    return true;
  }
  if (name == "--steps") return read_number(value, o.params.steps, 1U, kStepsMax);
  if (name == "--hidden") return read_number(value, o.params.hidden, 1U, kHiddenMax);
  if (name == "--discount") return read_number(value, o.params.discount, 0.0, 1.0);
  if (name == "--seed") return read_number<std::uint64_t>(value, o.params.seed, 0, 1U << 31U);
  if (name == "--memory-bytes") return read_number<std::uint64_t>(value, o.memory_bytes, 0, ~0ULL);
  if (name == "--nice") return read_number(value, o.nice, 0, 19);
  return false;
}

Result<void> train(const Options& o) {
  FileSystem& files = real_file_system();
  if (o.out_path.empty() || o.simulator.empty() == o.in_path.empty()) {
    return fail(ErrorCode::invalid_argument, "q-train needs --out, and --simulator or --in");
  }
  if (!o.in_path.empty()) {
    ATTUNE_ASSIGN(const learn::LoggedSteps log, learn::load_steps(files, o.in_path));
    if (log.steps.empty()) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("{} has no step to learn from", o.in_path));
    }
    return train_q_model(log, o.params, learn::say_progress).save(files, o.out_path);
  }
  std::unique_ptr<learn::SlateEnvironment> environment;
  if (o.simulator == "interest") {
    environment = std::make_unique<learn::InterestSimulator>();
  } else {
    environment = std::make_unique<learn::LongTermSimulator>();
  }
  return train_q_model(*environment, o.params, learn::say_progress).save(files, o.out_path);
}

}  // namespace

std::optional<int> run_q_worker(int argc, const char* const* argv) {
  if (argc < 2 || std::string_view(argv[1]) != "q-train") return std::nullopt;
  Options options;
  for (int i = 2; i < argc; i += 2) {
    if (i + 1 == argc || !set_option(options, argv[i], argv[i + 1])) {
      fmt::print(stderr, "q-train: bad option {} {}\n", argv[i], i + 1 < argc ? argv[i + 1] : "");
      return EXIT_FAILURE;
    }
  }
  learn::lower_limits(options.memory_bytes, options.nice);
  if (const auto done = train(options); !done) {
    fmt::print(stderr, "{}\n", done.error().message());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace attune::neural

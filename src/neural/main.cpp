// attune-neural: trains what needs libtorch or XGBoost, in a process of its own. The server starts
// it, or `attune evaluate`; it reads a file and writes a file.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "learn/train.h"
#include "learn/worker_protocol.h"
#include "neural/q_worker.h"
#include "neural/sequence_trainer.h"
#include "neural/tree_trainer.h"

namespace {

int run(int argc, char** argv) {
  using namespace attune;
  neural::prepare_libtorch();
  const learn::ProgressSink progress = [](std::string_view stage, double done) {
    learn::say_progress(stage, done);
  };
  const learn::NeuralTrainer trainer =
      [&](const learn::SessionLog& log, const learn::Catalogue& catalogue,
          const learn::ModelParams& params) -> std::unique_ptr<learn::Recommender> {
    if (params.algorithm == learn::Algorithm::lambdamart) {
      return learn::LearnedBlend::train(log, catalogue, params, neural::train_trees);
    }
    return neural::train_sequence_model(log, params.neural, progress);
  };
  if (const auto code = learn::run_train_worker(argc, argv, trainer)) return *code;
  if (const auto code = neural::run_q_worker(argc, argv)) return *code;
  std::fputs("attune-neural is started by attune; docs/neural.md says what it does\n", stderr);
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // libtorch reports by exceptions
    const std::string_view what = error.what();
    const std::string line(what.substr(0, what.find('\n')));  // what follows is a trace
    std::fprintf(stderr, "%s\n", line.c_str());
    const bool memory = what.find("allocate memory") != std::string_view::npos;
    return memory ? attune::learn::kExitOutOfMemory : EXIT_FAILURE;
  }
}

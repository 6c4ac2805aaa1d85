// The child that train_site starts in the tests; with "sleep" or "crash" it misbehaves on purpose.
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "learn/train.h"

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
  return attune::learn::run_train_worker(argc, argv).value_or(EXIT_FAILURE);
}

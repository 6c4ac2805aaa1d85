#include "base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace attune {

void ensure_failed(const char* message, const char* file, int line) {
  std::fprintf(stderr, "attune: broken invariant: %s (%s:%d)\n", message, file, line);
  std::abort();
}

}  // namespace attune

// Runs a program and listens to it: standard output line by line, the end of standard error kept
// for the error message. Nothing but the three standard descriptors is passed on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::learn {

struct ChildOptions {
  std::string program;
  std::vector<std::string> arguments;             // without the program's own name
  std::int64_t wait_ms_max = 3'600'000;           // then it is killed
  std::function<bool()> stop_requested;           // true: it is killed; may be empty
  std::function<void(std::string_view)> on_line;  // each line of standard output; may be empty
};

struct ChildExit {
  int code = 0;  // exit code, or -1 when a signal ended it
  int signal = 0;
  std::string error_text;  // the last 4 KiB of standard error
};

/// Returns  how the program ended, once it has.
/// Errors   unavailable: it cannot be started; deadline_exceeded: time was up; failed_precondition:
///          stop was requested. In the last two cases it is gone when this returns.
[[nodiscard]] Result<ChildExit> run_child(const ChildOptions& options);

}  // namespace attune::learn

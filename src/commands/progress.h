// Progress of long work: one line that rewrites itself on a terminal, plain lines now and then elsewhere.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace attune::commands {

/// "1,284", "12,345,678".
std::string grouped(std::uint64_t number);
/// "340 ms", "12 s", "3m 05s", "2h 10m".
std::string duration_text(double seconds);

class Progress {
 public:
  /// title   what is being done: "importing access.log".
  /// unit    what the rate counts: "lines".
  Progress(std::string title, std::string unit, const Clock& clock, std::FILE* out = stderr);

  /// share   done so far, 0..1; negative: not known.
  /// count   units done so far.
  /// note    what goes on beside it, may be empty.
  void update(double share, std::uint64_t count, std::string_view note = {});

  /// Ends the line; nothing is printed when nothing was before.
  void finish();

 private:
  void print(const std::string& line);

  std::string title_;
  std::string unit_;
  const Clock& clock_;
  std::FILE* out_;
  bool terminal_;
  std::int64_t started_us_;
  std::int64_t printed_us_ = 0;
  bool open_ = false;
};

}  // namespace attune::commands

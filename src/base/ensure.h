// Always-on assertion for our own bugs; never reachable from input.
#pragma once

namespace attune {

[[noreturn]] void ensure_failed(const char* message, const char* file, int line);

/// Aborts with message and place when `condition` is false, in release builds too.
inline void ensure(bool condition, const char* message, const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
  if (!condition) [[unlikely]] ensure_failed(message, file, line);
}

}  // namespace attune

// What the system is told of a thread: its name, and whether it gives way when the processor is short.
#pragma once

namespace attune {

/// Names the calling thread for `top -H`, `perf` and a debugger; the system keeps the first 15 bytes.
/// Threads it starts from then on carry that name until they choose their own.
void name_thread(const char* name);

/// Lowers the calling thread's priority by `steps` (1 .. 19, as nice(1)); threads it starts from then on
/// inherit that. There is no way back without privileges. Does nothing where the system refuses.
void lower_thread_priority(int steps);

/// For threads that work off the journal behind the intake: the ETL, the engine's own workers.
inline constexpr int kBehindIntake = 10;

}  // namespace attune

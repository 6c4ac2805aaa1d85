// Who gives way when the processor is short: intake and answers first, what may lag behind after them.
#pragma once

namespace attune {

/// Lowers the calling thread's priority by `steps` (1 .. 19, as nice(1)); threads it starts from then on
/// inherit that. There is no way back without privileges. Does nothing where the system refuses.
void lower_thread_priority(int steps);

/// For threads that work off the journal behind the intake: the ETL, the engine's own workers.
inline constexpr int kBehindIntake = 10;

}  // namespace attune

#include "base/thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace attune {

void name_thread(const char* name) {
  constexpr std::size_t kNameMax = 15;
  const std::string kept = std::string(name).substr(0, kNameMax);
  static_cast<void>(::pthread_setname_np(::pthread_self(), kept.c_str()));
}

void lower_thread_priority(int steps) {
  // On Linux the nice value belongs to the thread, and a thread's id names it.
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, thread);
  if (errno != 0) return;
  static_cast<void>(::setpriority(PRIO_PROCESS, thread, std::min(19, now + steps)));
}

}  // namespace attune

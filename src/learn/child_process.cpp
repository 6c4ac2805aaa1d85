#include "learn/child_process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>

extern char** environ;

namespace attune::learn {
namespace {

constexpr std::size_t kErrorBytesMax = 4096;
constexpr std::size_t kLineBytesMax = 65'536;
constexpr int kPollMs = 100;

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void reset(int number) {
    close();
    number_ = number;
  }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    return true;
  }
};

Result<pid_t> spawn(const ChildOptions& options, const Pipe& out, const Pipe& err) {
  std::vector<std::string> words{options.program};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write_end.get(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, options.program.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot start {}: {}", options.program, std::strerror(error)));
  }
  return child;
}

/// What has come out of the child so far.
struct Listener {
  const ChildOptions& options;
  std::string line;
  std::string error_text;

  void take_output(std::string_view bytes) {
    for (const char c : bytes) {
      if (c != '\n') {
        if (line.size() < kLineBytesMax) line.push_back(c);
        continue;
      }
      if (options.on_line) options.on_line(line);
      line.clear();
    }
  }
  void take_error(std::string_view bytes) {
    error_text.append(bytes);
    if (error_text.size() > kErrorBytesMax) error_text.erase(0, error_text.size() - kErrorBytesMax);
  }
};

/// Reads what is there; closes `end` at its end.
template <class Take>
void read_some(Descriptor& end, Take&& take) {
  char buffer[4096];
  const ssize_t count = ::read(end.get(), buffer, sizeof buffer);
  if (count > 0) {
    take(std::string_view(buffer, static_cast<std::size_t>(count)));
  } else if (count == 0 || errno != EINTR) {
    end.close();
  }
}

ChildExit exit_of(int status, std::string error_text) {
  ChildExit result;
  result.error_text = std::move(error_text);
  if (WIFEXITED(status)) {
    result.code = WEXITSTATUS(status);
  } else {
    result.code = -1;
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  return result;
}

}  // namespace

Result<ChildExit> run_child(const ChildOptions& options) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + std::chrono::milliseconds(options.wait_ms_max);
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  ATTUNE_ASSIGN(const pid_t child, spawn(options, out, err));
  out.write_end.close();
  err.write_end.close();

  Listener listener{.options = options, .line = {}, .error_text = {}};
  std::optional<Error> ended;
  int status = 0;
  for (;;) {
    if (!ended && options.stop_requested && options.stop_requested()) {
      ended.emplace(ErrorCode::failed_precondition, "it was asked to stop");
      ::kill(child, SIGKILL);
    }
    if (!ended && Steady::now() >= deadline) {
      ended.emplace(ErrorCode::deadline_exceeded,
                    fmt::format("it took longer than {} s", options.wait_ms_max / 1000));
      ::kill(child, SIGKILL);
    }
    pollfd both[] = {{out.read_end.get(), POLLIN, 0}, {err.read_end.get(), POLLIN, 0}};
    ::poll(both, 2, kPollMs);
    if (both[0].revents != 0)
      read_some(out.read_end, [&](auto bytes) { listener.take_output(bytes); });
    if (both[1].revents != 0)
      read_some(err.read_end, [&](auto bytes) { listener.take_error(bytes); });
    if (out.read_end.is_open() || err.read_end.is_open()) continue;
    if (::waitpid(child, &status, WNOHANG) == child) break;
  }
  if (ended) return tl::unexpected<Error>(std::move(*ended));
  return exit_of(status, std::move(listener.error_text));
}

}  // namespace attune::learn

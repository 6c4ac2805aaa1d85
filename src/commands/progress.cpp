#include "commands/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace attune::commands {
namespace {

constexpr std::int64_t kTerminalEveryUs = 100'000;
constexpr std::int64_t kPlainEveryUs = 5'000'000;

}  // namespace

std::string grouped(std::uint64_t number) {
  const std::string digits = fmt::format("{}", number);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

std::string duration_text(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
}

Progress::Progress(std::string title, std::string unit, const Clock& clock, std::FILE* out)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      clock_(clock),
      out_(out),
      terminal_(isatty(fileno(out)) == 1),
      started_us_(clock.steady_us()) {}

void Progress::update(double share, std::uint64_t count, std::string_view note) {
  const std::int64_t now_us = clock_.steady_us();
  if (printed_us_ != 0 && now_us - printed_us_ < (terminal_ ? kTerminalEveryUs : kPlainEveryUs)) return;
  printed_us_ = now_us;
  const double seconds = std::max(1e-6, static_cast<double>(now_us - started_us_) / 1e6);
  std::string line = title_;
  if (share >= 0) line += fmt::format("  {:3.0f} %", std::min(share, 1.0) * 100);
  if (count > 0) {
    const double rate = static_cast<double>(count) / seconds;
    line += fmt::format("  {} {}  {} {}/s", grouped(count), unit_,
                        grouped(static_cast<std::uint64_t>(rate)), unit_);
  }
  if (share > 0 && share < 1) {
    line += fmt::format("  {} left", duration_text(seconds * (1 - share) / share));
  }
  if (!note.empty()) line += fmt::format("  {}", note);
  print(line);
}

void Progress::print(const std::string& line) {
  if (terminal_) {
    fmt::print(out_, "\r\033[K{}", line);
    std::fflush(out_);
    open_ = true;
  } else {
    fmt::print(out_, "{}\n", line);
  }
}

void Progress::finish() {
  if (open_) fmt::print(out_, "\r\033[K");
  std::fflush(out_);
  open_ = false;
}

}  // namespace attune::commands

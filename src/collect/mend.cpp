#include "collect/mend.h"

namespace attune::collect {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Scanner {
 public:
  explicit Scanner(std::string_view body) : body_(body) {}

  bool ended() const { return at_ >= body_.size(); }
  std::size_t at() const { return at_; }
  char peek() const { return ended() ? '\0' : body_[at_]; }
  void skip_spaces() {
    while (!ended() && is_space(body_[at_])) ++at_;
  }
  bool take(char wanted) {
    skip_spaces();
    if (peek() != wanted || ended()) return false;
    ++at_;
    return true;
  }

  /// A string from its opening quote on. Returns  what stands between the quotes, escapes and all;
  /// false through `closed` when it has no end.
  std::string_view string(bool& closed) {
    const std::size_t begin = ++at_;
    for (; !ended(); ++at_) {
      if (body_[at_] == '\\') {
        ++at_;
      } else if (body_[at_] == '"') {
        closed = true;
        return body_.substr(begin, at_++ - begin);
      }
    }
    closed = false;
    return {};
  }

  /// Moves behind a value: up to the comma or bracket that ends it. Returns  whether there is one.
  bool value() {
    std::size_t depth = 0;
    while (!ended()) {
      const char c = body_[at_];
      if (c == '"') {
        bool closed = false;
        static_cast<void>(string(closed));
        if (!closed) return false;
        continue;
      }
      if (depth == 0 && (c == ',' || c == ']' || c == '}')) return true;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    }
    return false;
  }

 private:
  std::string_view body_;
  std::size_t at_ = 0;
};

/// Moves behind the opening bracket of the list of events. Returns  whether there is one.
bool find_list(Scanner& scanner) {
  if (scanner.take('[')) return true;
  if (!scanner.take('{')) return false;
  do {
    scanner.skip_spaces();
    if (scanner.peek() != '"') return false;
    bool closed = false;
    const std::string_view name = scanner.string(closed);
    if (!closed || !scanner.take(':')) return false;
    if (name == "events") return scanner.take('[');
    if (!scanner.value()) return false;
  } while (scanner.take(','));
  return false;
}

}  // namespace

std::vector<Span> event_spans(std::string_view body, std::size_t count_max) {
  Scanner scanner(body);
  std::vector<Span> spans;
  if (!find_list(scanner)) return {};
  do {
    scanner.skip_spaces();
    const std::size_t begin = scanner.at();
    if (!scanner.value()) return {};
    if (scanner.at() == begin) return {};
    spans.push_back({begin, scanner.at()});
  } while (spans.size() < count_max && scanner.take(','));
  if (spans.size() < count_max && !scanner.take(']')) return {};
  return spans;
}

std::string without(std::string_view body, const std::vector<Span>& broken) {
  std::string mended;
  mended.reserve(body.size());
  std::size_t from = 0;
  for (const Span& span : broken) {
    mended.append(body.substr(from, span.begin - from)).append("null");
    from = span.end;
  }
  mended.append(body.substr(from));
  return mended;
}

}  // namespace attune::collect

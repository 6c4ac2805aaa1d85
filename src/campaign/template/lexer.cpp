#include "campaign/template/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "campaign/template/parser.h"

namespace attune::campaign::liquid {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) { return is_name_start(c) || is_digit(c) || c == '-'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

constexpr std::array<std::string_view, 6> kLongSigns = {"==", "!=", "<>", "<=", ">=", ".."};
constexpr std::string_view kSigns = "<>|:,.[]()=";

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 100 && is_name_start(text[0]) &&
         std::ranges::all_of(text, is_name_part);
}

Position position_at(std::string_view source, std::size_t offset) {
  Position at;
  for (const char c : source.substr(0, offset)) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++at.column;
    }
  }
  return at;
}

Lexer::Lexer(std::string_view source, std::size_t begin, std::size_t end)
    : source_(source), at_(begin), end_(end) {}

tl::unexpected<Error> Lexer::refuse_at(std::string_view source, std::size_t offset,
                                       std::string_view message) {
  const Position at = position_at(source, offset);
  return fail(ErrorCode::invalid_argument,
              fmt::format("line {}, column {}: {}", at.line, at.column, message), "base_prompt");
}

tl::unexpected<Error> Lexer::refuse(std::string_view message) const {
  return refuse_at(source_, token_.offset, message);
}

Result<Token> Lexer::take() {
  const Token token = token_;
  ATTUNE_TRY(advance());
  return token;
}

Result<void> Lexer::read_text(char quote) {
  const std::size_t begin = at_ + 1;
  const std::size_t close = source_.substr(0, end_).find(quote, begin);
  if (close == std::string_view::npos) {
    return refuse_at(source_, at_, "a text that does not end: close its quote");
  }
  token_ = {TokenKind::text, source_.substr(begin, close - begin), at_};
  at_ = close + 1;
  return {};
}

Result<void> Lexer::advance() {
  while (at_ < end_ && is_space(source_[at_])) ++at_;
  token_ = {TokenKind::end, {}, at_};
  if (at_ >= end_) return {};
  const char c = source_[at_];
  std::size_t next = at_ + 1;
  if (c == '\'' || c == '"') return read_text(c);
  if (is_name_start(c)) {
    while (next < end_ && is_name_part(source_[next])) ++next;
    token_ = {TokenKind::name, source_.substr(at_, next - at_), at_};
  } else if (is_digit(c) || (c == '-' && next < end_ && is_digit(source_[next]))) {
    while (next < end_ && is_digit(source_[next])) ++next;
    // "1..3" is a range, "1.5" a number.
    if (next + 1 < end_ && source_[next] == '.' && is_digit(source_[next + 1])) {
      ++next;
      while (next < end_ && is_digit(source_[next])) ++next;
    }
    token_ = {TokenKind::number, source_.substr(at_, next - at_), at_};
  } else {
    const std::string_view rest = source_.substr(at_, std::min<std::size_t>(2, end_ - at_));
    if (std::ranges::find(kLongSigns, rest) != kLongSigns.end()) {
      next = at_ + 2;
    } else if (kSigns.find(c) == std::string_view::npos) {
      return refuse("this character has no meaning here");
    }
    token_ = {TokenKind::sign, source_.substr(at_, next - at_), at_};
  }
  at_ = next;
  return {};
}

}  // namespace attune::campaign::liquid

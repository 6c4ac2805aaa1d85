// Words of what stands between `{{ }}` or `{% %}`. Internal to the folder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attune::campaign::liquid {

enum class TokenKind : std::uint8_t { end, name, number, text, sign };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;   // without the quotes of a text
  std::size_t offset = 0;  // in the source
};

class Lexer {
 public:
  /// source  the whole template; begin, end: the piece to read.
  Lexer(std::string_view source, std::size_t begin, std::size_t end);

  const Token& peek() const { return token_; }
  /// Errors   invalid_argument: a text that does not end, a character of no token.
  [[nodiscard]] Result<Token> take();
  /// Reads the first token, or the next one.
  [[nodiscard]] Result<void> advance();
  bool at_end() const { return token_.kind == TokenKind::end; }
  bool is(std::string_view sign) const {
    return (token_.kind == TokenKind::sign || token_.kind == TokenKind::name) &&
           token_.text == sign;
  }

  tl::unexpected<Error> refuse(std::string_view message) const;
  static tl::unexpected<Error> refuse_at(std::string_view source, std::size_t offset,
                                         std::string_view message);
  std::string_view source() const { return source_; }

 private:
  [[nodiscard]] Result<void> read_text(char quote);
  std::string_view source_;
  std::size_t at_;
  std::size_t end_;
  Token token_;
};

}  // namespace attune::campaign::liquid

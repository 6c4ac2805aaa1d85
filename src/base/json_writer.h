// Appends JSON to a string: commas and escapes are its business, balance of the brackets is the
// caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace attune {

class JsonWriter {
 public:
  /// out  appended to; outlives the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// The name of the next member, escaped.
  void key(std::string_view name);

  /// UTF-8; control characters, quotes and backslashes are escaped.
  void text(std::string_view value);
  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  /// The shortest digits that read back as `value`; null when it is not finite.
  void number(double value);
  void boolean(bool value);
  void null();
  /// Complete JSON, as it is.
  void raw(std::string_view json);

 private:
  void separate() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }
  void open(char bracket) {
    separate();
    out_.push_back(bracket);
    comma_ = false;
  }
  void close(char bracket) {
    out_.push_back(bracket);
    comma_ = true;
  }
  void quote(std::string_view value);

  std::string& out_;
  bool comma_ = false;
};

}  // namespace attune

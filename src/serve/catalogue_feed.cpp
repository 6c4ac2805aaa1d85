// The product feed of merchants: RSS 2.0 (rss/channel/item) or Atom (feed/entry), whose products
// have elements such as g:price. Read piece by piece, without a tree. A document type is refused,
// so no entity but XML's own five is ever expanded, and nothing is fetched.
#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "serve/catalogue_file.h"

namespace attune::serve {
namespace {

constexpr int kDepthMax = 32;
constexpr std::size_t kTextBytesMax = 16 << 10;  // of one element; no field may be longer
constexpr std::size_t kPieceBytes = 1 << 20;

/// "g:price" is "price".
std::string_view local_name(const char* name) {
  const std::string_view whole(name);
  return whole.substr(whole.find(':') + 1);
}

class Feed {
 public:
  explicit Feed(const FeedVisitor& visit) : visit_(visit), parser_(XML_ParserCreate(nullptr)) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** attributes) {
          static_cast<Feed*>(self)->begin(local_name(name), attributes);
        },
        [](void* self, const char*) { static_cast<Feed*>(self)->end(); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int bytes) {
      static_cast<Feed*>(self)->text({text, static_cast<std::size_t>(bytes)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const char*, const char*, const char*, int) {
          static_cast<Feed*>(self)->stop("has a document type, which no feed needs");
        });
  }

  Result<void> read(std::string_view text) {
    do {
      const std::string_view piece = text.substr(0, kPieceBytes);
      text.remove_prefix(piece.size());
      const auto status = XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()),
                                    text.empty() ? XML_TRUE : XML_FALSE);
      if (stopped_) return tl::unexpected<Error>(*stopped_);
      if (status == XML_STATUS_ERROR) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("is not well-formed XML: line {}: {}", line(),
                                XML_ErrorString(XML_GetErrorCode(parser_.get()))),
                    "body");
      }
    } while (!text.empty());
    return {};
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };

  std::size_t line() const { return XML_GetCurrentLineNumber(parser_.get()); }

  void stop(std::string message) {
    stop(Error(ErrorCode::invalid_argument, fmt::format("line {}: {}", line(), message), "body"));
  }
  void stop(Error error) {
    if (!stopped_) stopped_ = std::move(error);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void begin(std::string_view name, const char** attributes) {
    depth_ += 1;
    if (depth_ > kDepthMax) return stop(fmt::format("is nested deeper than {} levels", kDepthMax));
    if (product_depth_ == 0 && (name == "item" || name == "entry")) {
      product_depth_ = depth_;
      product_line_ = line();
      product_ = {};
    }
    if (product_depth_ == 0 || depth_ != product_depth_ + 1 || !ProductTexts::knows(name)) return;
    name_ = name;
    text_.clear();
    // Atom's link is an attribute.
    for (; name_ == "link" && *attributes != nullptr; attributes += 2) {
      if (local_name(attributes[0]) == "href") text_ = attributes[1];
    }
  }

  void text(std::string_view more) {
    if (name_.empty() || depth_ != product_depth_ + 1) return;
    text_ += more.substr(0, kTextBytesMax - std::min(text_.size(), kTextBytesMax));
  }

  void end() {
    if (!name_.empty() && depth_ == product_depth_ + 1) {
      product_.add(name_, text_);
      name_.clear();
    }
    if (depth_ == product_depth_) {
      product_depth_ = 0;
      const Result<void> taken = visit_(product_line_, std::move(product_).object());
      if (!taken) stop(taken.error());
    }
    depth_ -= 1;
  }

  const FeedVisitor& visit_;
  std::unique_ptr<XML_ParserStruct, Free> parser_;
  std::optional<Error> stopped_;
  int depth_ = 0;
  int product_depth_ = 0;  // 0: outside
  std::size_t product_line_ = 0;
  ProductTexts product_;
  std::string name_;  // of the element that is read; empty: none
  std::string text_;
};

}  // namespace

Result<void> read_feed(std::string_view text, const FeedVisitor& visit) {
  return Feed(visit).read(text);
}

}  // namespace attune::serve

#include "serve/catalogue_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/csv.h"
#include "base/hash.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kBatch = 5000;  // products of one statement
constexpr std::size_t kWrongKept = 100;
constexpr std::size_t kRecordBytesMax = 256 << 10;  // of one product
constexpr std::size_t kColumnsMax = 500;
constexpr std::string_view kSpace = " \t\r\n";

Error bad(std::string message) {
  return Error(ErrorCode::invalid_argument, std::move(message), "body");
}

/// Lines of a text, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    number_ += 1;
    return true;
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

/// Checks products one by one and hands them on in batches.
class Intake {
 public:
  explicit Intake(const ProductSink& sink) : sink_(sink) {}

  Result<void> take(std::size_t line, const json::value& value) {
    auto product = read_product(value, {});
    if (!product) {
      const json::object* object = value.if_object();
      const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
      if (id != nullptr && id->is_string()) report.wrong_ids.emplace_back(id->get_string());
      return refuse(line, product.error().field(), product.error().message());
    }
    const auto [at, is_new] = lines_.try_emplace(hash64(product->id), line);
    if (!is_new) return refuse(line, "id", fmt::format("stands on line {} already", at->second));
    if (lines_.size() > kCatalogueProductsMax) {
      return tl::unexpected<Error>(
          bad(fmt::format("has more than {} products", kCatalogueProductsMax)));
    }
    batch_.push_back(std::move(*product));
    report.products += 1;
    return batch_.size() < kBatch ? Result<void>() : flush();
  }
  Result<void> refuse(std::size_t line, std::string field, std::string message) {
    report.wrong_count += 1;
    if (report.wrong.size() < kWrongKept) {
      report.wrong.push_back({line, std::move(field), std::move(message)});
    }
    return {};
  }
  Result<void> flush() {
    ATTUNE_TRY(sink_(batch_));
    batch_.clear();
    return {};
  }

  CatalogueReport report;

 private:
  const ProductSink& sink_;
  std::vector<Product> batch_;
  std::unordered_map<std::uint64_t, std::size_t> lines_;  // by hash of the id
};

Result<void> read_json_lines(std::string_view text, Intake& intake) {
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    if (line.find_first_not_of(kSpace) == std::string_view::npos) continue;
    if (line.size() > kRecordBytesMax) {
      ATTUNE_TRY(intake.refuse(lines.number(), "", "is too long"));
      continue;
    }
    const auto value = parse_json(line);
    ATTUNE_TRY(value ? intake.take(lines.number(), *value)
                     : intake.refuse(lines.number(), "", value.error().message()));
  }
  return {};
}

/// A record with its quoted ends of lines; one whose quotes never close is its first line.
std::string_view record_at(std::string_view first, Lines& lines) {
  const auto quotes = [](std::string_view part) { return std::ranges::count(part, '"') % 2; };
  auto open = quotes(first);
  std::string_view whole = first;
  Lines ahead = lines;
  for (std::string_view line; open != 0 && ahead.next(line);) {
    whole = {first.data(), static_cast<std::size_t>(line.data() + line.size() - first.data())};
    if (whole.size() > kRecordBytesMax) return first;
    open ^= quotes(line);
  }
  if (open != 0) return first;
  lines = ahead;
  return whole;
}

/// What stands most often in the header of ',', ';' and tab.
char separator_of(std::string_view header) {
  const auto fewer = [&](char left, char right) {
    return std::ranges::count(header, left) < std::ranges::count(header, right);
  };
  return std::max({',', ';', '\t'}, fewer);
}

Result<void> read_csv(std::string_view text, Intake& intake) {
  Lines lines(text);
  std::string_view line;
  lines.next(line);
  const char separator = separator_of(line);
  const auto header = split_csv(line, separator);
  if (!header || header->size() > kColumnsMax || !is_utf8(line)) {
    return tl::unexpected<Error>(bad("the first line is no header of a catalogue"));
  }
  if (std::ranges::find(*header, "id") == header->end()) {
    return tl::unexpected<Error>(bad("the header has no column named id"));
  }
  for (const std::string& name : *header) {
    if (!ProductTexts::knows(name)) intake.report.ignored.push_back(name);
  }
  while (lines.next(line)) {
    if (line.empty()) continue;
    const std::size_t number = lines.number();
    const std::string_view record = record_at(line, lines);
    const auto values = split_csv(record, separator);
    std::string wrong;
    if (record.size() > kRecordBytesMax)
      wrong = "is too long";
    else if (!is_utf8(record))
      wrong = "is not UTF-8";
    else if (!values)
      wrong = "has a quote out of place";
    else if (values->size() != header->size()) {
      wrong = fmt::format("has {} values, the header {}", values->size(), header->size());
    }
    if (!wrong.empty()) {
      ATTUNE_TRY(intake.refuse(number, "", std::move(wrong)));
      continue;
    }
    ProductTexts product;
    for (std::size_t i = 0; i < values->size(); ++i) product.add((*header)[i], (*values)[i]);
    ATTUNE_TRY(intake.take(number, std::move(product).object()));
  }
  return {};
}

}  // namespace

Result<CatalogueReport> read_catalogue(std::string_view text, const ProductSink& sink) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return tl::unexpected<Error>(bad("is empty"));
  if (text[begin] == '[') {
    return tl::unexpected<Error>(bad("is a JSON list: send one product a line"));
  }
  Intake intake(sink);
  if (text[begin] == '{') {
    ATTUNE_TRY(read_json_lines(text, intake));
  } else if (text[begin] == '<') {
    ATTUNE_TRY(read_feed(text, [&](std::size_t line, json::object product) {
      return intake.take(line, std::move(product));
    }));
  } else {
    ATTUNE_TRY(read_csv(text, intake));
  }
  ATTUNE_TRY(intake.flush());
  if (intake.report.products + intake.report.wrong_count == 0) {
    return tl::unexpected<Error>(bad("has no products"));
  }
  return std::move(intake.report);
}

}  // namespace attune::serve

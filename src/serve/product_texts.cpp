// The names and texts of catalogues and merchants' feeds, and what they are in the API.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "serve/catalogue_file.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

enum class Kind {
  text,
  price,
  sale_price,
  sale_dates,
  stock,
  availability,
  flag,
  list,
  path,
  label
};

struct Name {
  std::string_view given;
  std::string_view field;  // of the API
  Kind kind;
};

constexpr std::array kNames{
    Name{"id", "id", Kind::text},
    Name{"name", "name", Kind::text},
    Name{"title", "name", Kind::text},
    Name{"category", "category", Kind::text},
    Name{"categories", "categories", Kind::list},
    Name{"product_type", "categories", Kind::path},
    Name{"brand", "brand", Kind::text},
    Name{"price", "price", Kind::price},
    Name{"sale_price", "price", Kind::sale_price},
    Name{"sale_price_effective_date", "price", Kind::sale_dates},
    Name{"currency", "currency", Kind::text},
    Name{"stock", "stock", Kind::stock},
    Name{"availability", "stock", Kind::availability},
    Name{"url", "url", Kind::text},
    Name{"link", "url", Kind::text},
    Name{"image", "image", Kind::text},
    Name{"image_link", "image", Kind::text},
    Name{"hidden", "hidden", Kind::flag},
    Name{"type", "type", Kind::text},
    Name{"labels", "labels", Kind::list},
    Name{"custom_label_0", "labels", Kind::label},
    Name{"custom_label_1", "labels", Kind::label},
    Name{"custom_label_2", "labels", Kind::label},
    Name{"custom_label_3", "labels", Kind::label},
    Name{"custom_label_4", "labels", Kind::label},
};

const Name* find(std::string_view name) {
  const auto at = std::ranges::find(kNames, name, &Name::given);
  return at == kNames.end() ? nullptr : &*at;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// "in_stock", "In stock" are "in stock".
std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == '_') c = ' ';
  }
  return out;
}

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// The whole text as a number; else the text itself, which the API refuses.
template <class T>
json::value number_or_text(std::string_view text) {
  T number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) return number;
  return view(text);
}

void add_to_list(json::object& object, std::string_view field, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return;
  json::value& list = object[view(field)];
  if (!list.is_array()) list.emplace_array();
  json::array& texts = list.get_array();
  const json::string each(view(text));
  if (std::ranges::find(texts, json::value(each)) == texts.end()) texts.emplace_back(each);
}

/// "A | B": A, then B.
void add_list(json::object& object, std::string_view field, std::string_view text) {
  for (std::size_t end = text.find('|'); end != text.npos; end = text.find('|')) {
    add_to_list(object, field, text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  add_to_list(object, field, text);
}

/// "Home > Kitchen > Mugs": the most special first.
void add_path(json::object& object, std::string_view field, std::string_view text) {
  for (std::size_t at = text.rfind('>'); at != text.npos; at = text.rfind('>')) {
    add_to_list(object, field, text.substr(at + 1));
    text = text.substr(0, at);
  }
  add_to_list(object, field, text);
}

/// "19.90" or "19.90 EUR".
void set_price(json::object& object, std::string_view text) {
  const std::size_t space = text.rfind(' ');
  if (space != text.npos && text.size() - space == 4) {
    object["currency"] = view(text.substr(space + 1));
    text = trimmed(text.substr(0, space));
  }
  object["price"] = number_or_text<double>(text);
}

void set_availability(json::object& object, std::string_view text) {
  const std::string word = plain(text);
  if (word == "out of stock") {
    object["stock"] = 0;
  } else if (word != "in stock" && word != "preorder" && word != "backorder" &&
             word != "limited availability") {
    object["stock"] = view(text);
  }
}

json::value flag_or_text(std::string_view text) {
  const std::string word = plain(text);
  if (word == "true" || word == "yes" || word == "1") return true;
  if (word == "false" || word == "no" || word == "0") return false;
  return view(text);
}

}  // namespace

bool ProductTexts::knows(std::string_view name) {
  return find(name) != nullptr;
}

void ProductTexts::add(std::string_view name, std::string_view text) {
  const Name* known = find(name);
  text = trimmed(text);
  if (known == nullptr || text.empty()) return;
  const std::string_view field = known->field;
  switch (known->kind) {
    case Kind::text:
      object_[view(field)] = view(text);
      return;
    case Kind::price:
      return set_price(object_, text);
    case Kind::sale_price:
      sale_price_ = text;
      return;
    case Kind::sale_dates:
      sale_has_dates_ = true;
      return;
    case Kind::stock:
      if (!object_.contains("stock")) object_["stock"] = number_or_text<std::int64_t>(text);
      return;
    case Kind::availability:
      return set_availability(object_, text);
    case Kind::flag:
      object_[view(field)] = flag_or_text(text);
      return;
    case Kind::list:
      return add_list(object_, field, text);
    case Kind::path:
      return add_path(object_, field, text);
    case Kind::label:
      return add_to_list(object_, field, text);
  }
}

json::object ProductTexts::object() && {
  if (!sale_price_.empty() && !sale_has_dates_) set_price(object_, sale_price_);
  return std::move(object_);
}

}  // namespace attune::serve

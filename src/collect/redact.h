// Keeps secrets out of the journal: by the name of a field, and by the shape of a value (payment
// card numbers, US social security numbers, bearer tokens). docs/formats/events.md, section 6.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace attune::collect {

/// What stands in the place of a secret.
inline constexpr std::string_view kRedacted = "[redacted]";

/// Whether a field of this name holds a secret: "password", "cardNumber", "user[cc-cvv]" ...
///
/// extra_names  further names of a site, in lower case; compared as a whole, case ignored.
bool is_secret_name(std::string_view name, std::span<const std::string> extra_names = {});

/// Whether a field of this name holds an id, a time or an amount, whose digits are never taken for
/// a card number: "order_id", "sku", "createdAt", "price".
bool is_plain_name(std::string_view name);

/// Replaces card numbers, social security numbers and bearer tokens within a text.
///
/// Returns  false when there is none; `out` is then untouched. Else `out` is the text without them.
bool redact_text(std::string_view text, std::string& out);

/// Redacts a whole value when it is, or has in it, one of those: for values of a query.
bool has_secret_value(std::string_view text);

/// Redacts values of the query and of the fragment of a URL, by name and by value.
///
/// url  changed in place. Returns  whether it was.
bool redact_url(std::string& url, std::span<const std::string> extra_names = {});

}  // namespace attune::collect

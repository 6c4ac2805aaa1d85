// Reads one event object of our own JSON into a draft, field by field by the rules of
// docs/formats/events.md, section 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "collect/draft.h"
#include "collect/json_fields.h"
#include "collect/request.h"
#include "event/site_directory.h"

namespace simdjson::dom {
class object;
}

namespace attune::collect {

enum class FieldName : std::uint8_t;

/// The kind that another product's name for an event means: "add_to_cart" is cart_add.
std::optional<event::Kind> kind_of_other_name(std::string_view name);

class EventReader {
 public:
  /// All of them outlive the reader.
  EventReader(const event::SiteSnapshot& sites, const RequestContext& context, Draft& draft,
              Problem& problem)
      : sites_(sites), context_(context), draft_(draft), problem_(problem) {}

  /// Reads the members of an event, or of the outer object of a batch those that events inherit.
  bool read(const simdjson::dom::object& members, bool is_outer);

  /// The site an event is for, by its own field or by the key; null when it has none, when it is
  /// not known, or when this request may not send for it.
  const event::Site* site() const;

 private:
  RedactionRules rules() const;
  bool read_extra(std::string_view name, const JsonElement& value, JsonWriter& extra);
  bool read_member(FieldName name, const JsonElement& value);
  bool read_site(const JsonElement& value);
  bool read_timestamp(const JsonElement& value);
  bool read_who(FieldName name, const JsonElement& value);
  bool read_where(FieldName name, const JsonElement& value);
  bool read_interaction(FieldName name, const JsonElement& value);
  bool read_commerce(FieldName name, const JsonElement& value);
  bool read_tag(FieldName name, const JsonElement& value);
  bool read_claimed(FieldName name, const JsonElement& value);

  const event::SiteSnapshot& sites_;
  const RequestContext& context_;
  Draft& draft_;
  Problem& problem_;
};

}  // namespace attune::collect

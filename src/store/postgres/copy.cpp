#include "store/postgres/copy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <type_traits>

namespace attune::store::postgres {

const std::string_view kCopyHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
const std::string_view kCopyTrailer("\377\377", 2);

namespace {

// PostgreSQL counts from 2000-01-01.
constexpr std::int64_t kEpochUs = 946'684'800'000'000;
constexpr std::int32_t kEpochDays = 10'957;

template <class Integer>
void put(std::string& out, Integer value) {
  using Unsigned = std::make_unsigned_t<Integer>;
  const auto bits = static_cast<Unsigned>(value);
  char bytes[sizeof(Integer)];
  for (std::size_t i = 0; i < sizeof bytes; ++i) {
    bytes[i] = static_cast<char>(bits >> (8 * (sizeof bytes - 1 - i)) & 0xff);
  }
  out.append(bytes, sizeof bytes);
}

template <class Integer>
void put_field(std::string& out, Integer value) {
  put(out, static_cast<std::int32_t>(sizeof(Integer)));
  put(out, value);
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::int32_t>(text.size()));
  out.append(text);
}

/// jsonb is the text behind a version number.
void put_jsonb(std::string& out, std::string_view text) {
  put(out, static_cast<std::int32_t>(text.size() + 1));
  out.push_back(1);
  out.append(text);
}

/// value / 10^scale in digits of base 10,000.
void put_numeric(std::string& out, std::int64_t value, int scale) {
  const bool negative = value < 0;
  __extension__ using Wide = unsigned __int128;
  const auto magnitude = static_cast<std::uint64_t>(value);
  Wide digits = negative ? 0 - magnitude : magnitude;   // right for the least value too
  int padded = scale;
  for (; padded % 4 != 0; ++padded) digits *= 10;
  std::array<std::int16_t, 12> groups{};   // least first
  std::size_t count = 0;
  for (; digits != 0; digits /= 10'000) {
    groups[count++] = static_cast<std::int16_t>(digits % 10'000);
  }
  const int weight = static_cast<int>(count) - 1 - padded / 4;
  std::size_t least = 0;   // zeros at the end go without saying
  while (least < count && groups[least] == 0) ++least;
  const auto written = static_cast<std::int16_t>(count - least);
  put(out, static_cast<std::int32_t>(8 + 2 * written));
  put(out, written);
  put(out, static_cast<std::int16_t>(written == 0 ? 0 : weight));
  put(out, static_cast<std::int16_t>(negative ? 0x4000 : 0));
  put(out, static_cast<std::int16_t>(scale));
  for (std::size_t i = count; i > least; --i) put(out, groups[i - 1]);
}

/// "203.0.113.0", "2001:db8::/48": family, bits, is it a cidr, bytes.
bool put_inet(std::string& out, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  unsigned char bytes[16];
  const bool six = address.find(':') != std::string::npos;
  if (inet_pton(six ? AF_INET6 : AF_INET, address.c_str(), bytes) != 1) return false;
  const int size = six ? 16 : 4;
  int bits = size * 8;
  if (slash != std::string_view::npos) {
    const std::string_view given = text.substr(slash + 1);
    const auto read = std::from_chars(given.data(), given.data() + given.size(), bits);
    if (read.ec != std::errc() || read.ptr != given.data() + given.size()) return false;
    if (bits < 0 || bits > size * 8) return false;
  }
  put(out, static_cast<std::int32_t>(4 + size));
  out.push_back(six ? 3 : 2);
  out.push_back(static_cast<char>(bits));
  out.push_back(0);
  out.push_back(static_cast<char>(size));
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  return true;
}

bool put_integer(std::string& out, std::int64_t value, Oid target) {
  const auto fits = [&]<class Narrow>(Narrow) {
    using Limits = std::numeric_limits<Narrow>;
    return value >= Limits::min() && value <= Limits::max();
  };
  switch (target) {
    case Oid::int8: put_field(out, value); return true;
    case Oid::int4:
      if (!fits(std::int32_t{})) return false;
      put_field(out, static_cast<std::int32_t>(value));
      return true;
    case Oid::int2:
      if (!fits(std::int16_t{})) return false;
      put_field(out, static_cast<std::int16_t>(value));
      return true;
    case Oid::numeric: put_numeric(out, value, 0); return true;
    default: return false;
  }
}

bool put_string(std::string& out, std::string_view text, Oid target) {
  switch (target) {
    case Oid::jsonb: put_jsonb(out, text); return true;
    case Oid::inet: return put_inet(out, text);
    default: put_text(out, text); return true;
  }
}

bool put_double(std::string& out, double value, Oid target) {
  if (target == Oid::float4) {
    put_field(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  } else {
    put_field(out, std::bit_cast<std::uint64_t>(value));
  }
  return true;
}

/// Whether values of a batch's type can be sent to a column of the table's type.
bool can_go(ColumnType from, Oid to) {
  const bool text = to == Oid::text || to == Oid::varchar || to == Oid::bpchar;
  switch (from) {
    case ColumnType::boolean: return to == Oid::boolean;
    case ColumnType::int32:
    case ColumnType::int64:
      return to == Oid::int2 || to == Oid::int4 || to == Oid::int8 || to == Oid::numeric;
    case ColumnType::float64: return to == Oid::float8 || to == Oid::float4;
    case ColumnType::decimal: return to == Oid::numeric;
    case ColumnType::text:
    case ColumnType::json: return text || to == Oid::json || to == Oid::jsonb || to == Oid::inet;
    case ColumnType::uuid: return to == Oid::uuid || text;
    case ColumnType::timestamp: return to == Oid::timestamptz || to == Oid::timestamp;
    case ColumnType::date: return to == Oid::date;
  }
  return false;
}

bool put_value(std::string& out, const Column& column, Oid target, std::size_t row) {
  switch (column.type()) {
    case ColumnType::boolean:
      put_field(out, static_cast<std::uint8_t>(
                         static_cast<const BoolColumn&>(column).values()[row] != 0 ? 1 : 0));
      return true;
    case ColumnType::int32:
      return put_integer(out, static_cast<const Int32Column&>(column).values()[row], target);
    case ColumnType::int64:
      return put_integer(out, static_cast<const Int64Column&>(column).values()[row], target);
    case ColumnType::float64:
      return put_double(out, static_cast<const DoubleColumn&>(column).values()[row], target);
    case ColumnType::decimal: {
      const auto& decimals = static_cast<const DecimalColumn&>(column);
      put_numeric(out, decimals.values()[row], decimals.scale());
      return true;
    }
    case ColumnType::text:
    case ColumnType::json:
      return put_string(out, static_cast<const TextColumn&>(column).value(row), target);
    case ColumnType::uuid: {
      const Uuid& id = static_cast<const UuidColumn&>(column).values()[row];
      if (target != Oid::uuid) {
        put_text(out, id.text());
      } else {
        put_text(out, {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
      }
      return true;
    }
    case ColumnType::timestamp:
      put_field(out, static_cast<const TimestampColumn&>(column).values()[row].us - kEpochUs);
      return true;
    case ColumnType::date:
      put_field(out, static_cast<const DateColumn&>(column).values()[row].days - kEpochDays);
      return true;
  }
  return false;
}

}  // namespace

Result<CopyEncoder> CopyEncoder::make(const ColumnBatch& batch, std::vector<Oid> targets) {
  ensure(targets.size() == batch.columns().size(), "a target for each column");
  std::vector<Field> fields;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Column& column = *batch.columns()[i];
    if (!can_go(column.type(), targets[i])) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("column {} has another type in the table", column.name()),
                  column.name());
    }
    if (column.type() == ColumnType::text || column.type() == ColumnType::json) {
      const std::string_view bytes = static_cast<const TextColumn&>(column).bytes();
      if (!simdjson::validate_utf8(bytes.data(), bytes.size())) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("column {} is not valid UTF-8", column.name()), column.name());
      }
    }
    fields.push_back({&column, targets[i]});
  }
  return CopyEncoder(std::move(fields));
}

Result<void> CopyEncoder::write(std::size_t row, std::string& out) const {
  put(out, static_cast<std::int16_t>(fields_.size()));
  for (const Field& field : fields_) {
    if (field.column->is_null(row)) {
      put(out, std::int32_t{-1});
    } else if (!put_value(out, *field.column, field.target, row)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("row {}: the value does not fit column {}", row,
                              field.column->name()),
                  field.column->name());
    }
  }
  return {};
}

}  // namespace attune::store::postgres

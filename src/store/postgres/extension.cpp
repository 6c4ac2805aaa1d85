#include "store/postgres/extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace attune::store {
namespace {

struct Extension {
  std::string name;
  std::optional<std::string> chosen, version, available;
};

std::optional<std::string> text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

Result<std::vector<Extension>> extensions_of(Session& session) {
  ATTUNE_ASSIGN(const Rows rows, session.query("extend/state", {}));
  std::vector<Extension> all;
  for (const auto& row : rows.rows) {
    all.push_back({*text_of(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3])});
  }
  const auto has = [&](std::string_view name) {
    const auto found = std::ranges::find(all, name, &Extension::name);
    return found != all.end() && found->version.has_value();
  };
  if (has("timescaledb") && has("citus")) {
    return fail(ErrorCode::failed_precondition,
                "TimescaleDB and Citus are both in this database, and together they answer joins "
                "wrongly without a word: drop the one that is not used (docs/extensions.md)");
  }
  return all;
}

Result<void> check_choice(const std::vector<Extension>& all, std::string_view name) {
  for (const Extension& each : all) {
    if (each.chosen && each.name != name) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("this database was made for {}: take a new one for {}", each.name,
                              name));
    }
    const bool clash = (name == "citus" && each.name == "timescaledb") ||
                       (name == "timescaledb" && each.name == "citus");
    if (clash && each.version) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("{} is in this database, and TimescaleDB and Citus together answer "
                              "joins wrongly without a word: take a database of its own",
                              each.name));
    }
    if (each.name == name && !each.version && !each.available) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("the server does not have {0}: install it there, add {0} to "
                              "shared_preload_libraries, and start the server again", name));
    }
  }
  return {};
}

Result<void> add_extension(Session& session, std::string_view name) {
  auto added = session.execute(fmt::format("extend/{}", name));
  if (added) return {};
  if (added.error().code() == ErrorCode::permission_denied) {
    return fail(ErrorCode::permission_denied,
                fmt::format("this login may not add an extension. A superuser has to run in this "
                            "database first: create extension {}", name));
  }
  return pass(added, fmt::format("adding {}", name));
}

/// The tables in the shape that the extension wants.
Result<void> shape_tables(Session& session, std::string_view name) {
  if (name == "age") return {};
  ATTUNE_ASSIGN(const Rows tables, session.query("extend/tables", {}));
  std::vector<std::pair<std::string, std::string>> first_of;   // by tenant column
  for (const auto& row : tables.rows) {
    const auto tenant = text_of(row[1]);
    if (name == "timescaledb") {
      if (std::holds_alternative<Null>(row[2])) continue;
      const Value parameters[] = {row[0], row[2]};
      ATTUNE_TRY(session.execute("extend/hypertable", parameters));
    } else if (!tenant) {
      const Value parameters[] = {row[0]};
      ATTUNE_TRY(session.execute("extend/reference", parameters));
    } else {
      const auto first =
          std::ranges::find(first_of, *tenant, &decltype(first_of)::value_type::first);
      const Value parameters[] = {row[0], *tenant,
                                  first == first_of.end() ? "none" : first->second};
      ATTUNE_TRY(session.execute("extend/distribute", parameters));
      if (first == first_of.end()) first_of.emplace_back(*tenant, *text_of(row[0]));
    }
  }
  return {};
}

Result<void> make(Session& session, std::string_view name) {
  ATTUNE_TRY(add_extension(session, name));
  ATTUNE_TRY(shape_tables(session, name));
  const Value parameters[] = {std::string(name)};
  ATTUNE_TRY(session.execute("extend/choose", parameters));
  return session.commit();
}

}  // namespace

Result<void> choose_extension(Session& session, std::string_view name) {
  if (session.engine() != Engine::postgres) {
    return fail(ErrorCode::failed_precondition,
                "extensions are PostgreSQL's: name a database with --database postgres://...");
  }
  ATTUNE_ASSIGN(const std::vector<Extension> all, extensions_of(session));
  const auto found = std::ranges::find(all, name, &Extension::name);
  if (found == all.end()) {
    return fail(ErrorCode::invalid_argument, "is timescaledb, citus or age", "with");
  }
  if (found->chosen && found->version) return {};
  ATTUNE_TRY(check_choice(all, name));
  ATTUNE_TRY(session.begin());
  auto made = make(session, name);
  if (!made) static_cast<void>(session.rollback());
  return made;
}

Result<std::string> check_extension(Session& session) {
  if (session.engine() != Engine::postgres) return std::string();
  ATTUNE_ASSIGN(const std::vector<Extension> all, extensions_of(session));
  for (const Extension& each : all) {
    if (!each.chosen) continue;
    if (each.version) return each.name;
    return fail(ErrorCode::failed_precondition,
                fmt::format("this database was made for {} {}, which it does not have any more: "
                            "bring it back, or restore a backup into a database without it",
                            each.name, *each.chosen));
  }
  return std::string();
}

Result<void> refresh_extension_graph(Session& session, std::string_view extension,
                                     const std::string& site_id) {
  if (extension != "age") return {};
  const Value parameters[] = {site_id};
  ATTUNE_TRY(session.query("extend/age_refresh", parameters));
  return {};
}

Result<std::int64_t> drop_empty_chunks(Session& session, std::string_view extension) {
  if (extension != "timescaledb") return 0;
  ATTUNE_ASSIGN(const Rows tables, session.query("extend/oldest", {}));
  std::int64_t chunks = 0;
  for (const auto& row : tables.rows) {
    const Value parameters[] = {row[0], row[1]};
    ATTUNE_ASSIGN(const Rows dropped, session.query("extend/drop_chunks", parameters));
    chunks += std::get<std::int64_t>(dropped.rows.at(0).at(0));
  }
  return chunks;
}

}  // namespace attune::store

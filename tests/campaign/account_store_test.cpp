// Every table of an account on both engines: what goes in comes out, what breaks a rule is refused
// with its name, and no account sees, changes, deletes or refers to a row of another.
#include "account_fixture.h"

#include "campaign/rules.h"
#include "store/sql_catalog.h"

namespace attune::campaign {
namespace {

using store::Null;
using testing::HasSubstr;

class AccountStoreTest : public AccountFixture {
 protected:
  template <class T>
  void expect_error(const Result<T>& result, ErrorCode code, std::string_view field,
                    std::string_view message, const std::string& what) {
    ASSERT_FALSE(result) << what;
    EXPECT_EQ(to_string(result.error().code()), to_string(code))
        << what << ": " << result.error().message();
    EXPECT_EQ(result.error().field(), field) << what << ": " << result.error().message();
    EXPECT_THAT(result.error().message(), HasSubstr(std::string(message))) << what;
  }
  auto create(const Table& t, AccountId account, const Fields& fields) {
    return accounts_store_.create(*session_, t, account, fields);
  }
  auto update(const Table& t, AccountId account, const Uuid& id, const Fields& fields) {
    return accounts_store_.update(*session_, t, account, id, fields);
  }
  auto remove(const Table& t, AccountId account, const Uuid& id) {
    return accounts_store_.remove(*session_, t, account, id);
  }
  auto find(const Table& t, AccountId account, const Uuid& id) {
    return accounts_store_.find(*session_, t, account, id);
  }
};

TEST_P(AccountStoreTest, TheStatementsFollowTheDescription) {
  const store::SqlCatalog catalog(GetParam());
  EXPECT_EQ(tables().size(), 12U);
  for (const Table& t : tables()) {
    std::vector<std::string> all = {"id", "user_id"};
    std::vector<std::string> insert = all;
    std::vector<std::string> update = {"user_id", "id"};
    for (const Column& column : t.columns) {
      all.emplace_back(column.name);
      if (!column.writable) continue;
      insert.emplace_back(column.name);
      update.emplace_back(column.name);
    }
    for (const char* name : {"created_at", "updated_at"}) {
      all.emplace_back(name);
      insert.emplace_back(name);
    }
    update.emplace_back("updated_at");
    const auto file = [&](const char* action) {
      return must(catalog.find("campaign/" + std::string(t.name) + "." + action));
    };
    EXPECT_EQ(file("get")->header_columns, all) << t.name;
    EXPECT_EQ(file("list")->header_columns, all) << t.name;
    EXPECT_EQ(file("insert")->header_parameters, insert) << t.name;
    EXPECT_EQ(file("update")->header_parameters, update) << t.name;
  }
}

TEST_P(AccountStoreTest, WhatGoesInComesOutAndCanBeChangedAndDeleted) {
  for (const Table& t : tables()) {
    SCOPED_TRACE(t.name);
    const Fields given = fields_of(t, ours_, true);
    // There is one profile an account.
    if (t.name == "meta_user_profiles") {
      for (const Row& row : account_rows(t.name, ours_)) must(remove(t, ours_, id_of(row)));
    }
    const Row made = must(create(t, ours_, given));
    EXPECT_EQ(made[1], Value{static_cast<std::int64_t>(ours_)});
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      if (given[i]) { EXPECT_EQ(made[2 + i], *given[i]) << t.columns[i].name; }
    }
    EXPECT_EQ(must(find(t, ours_, id_of(made))), made);
    clock_.advance_ms(1000);
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      const Column& column = t.columns[i];
      if (!column.writable || column.name == t.low || column.name == t.high) continue;
      Fields change(t.columns.size());
      change[i] = column.nullable() ? Value{Null{}} : sample(column, ours_);
      const Row changed = must(update(t, ours_, id_of(made), change));
      EXPECT_EQ(changed[2 + i], *change[i]) << column.name;
      EXPECT_NE(changed.back(), made.back()) << "updated_at of " << column.name;
      EXPECT_EQ(changed[changed.size() - 2], made[made.size() - 2]) << "created_at";
    }
    EXPECT_EQ(account_rows(t.name, ours_).size(), 1U);
    must(remove(t, ours_, id_of(made)));
    EXPECT_TRUE(account_rows(t.name, ours_).empty());
    expect_error(find(t, ours_, id_of(made)), ErrorCode::not_found, "id", "no such", "deleted");
    expect_error(remove(t, ours_, id_of(made)), ErrorCode::not_found, "id", "no such", "deleted");
  }
}

TEST_P(AccountStoreTest, AnotherAccountNeitherSeesNorChangesNorDeletesNorRefersToARow) {
  for (const Table& t : tables()) {
    SCOPED_TRACE(t.name);
    const Row row = make(t, ours_);
    const Uuid id = id_of(row);
    for (const Row& each : account_rows(t.name, theirs_)) {
      EXPECT_NE(id_of(each), id);
      EXPECT_EQ(each[1], Value{static_cast<std::int64_t>(theirs_)});
    }
    expect_error(find(t, theirs_, id), ErrorCode::not_found, "id", "", "seen");
    expect_error(update(t, theirs_, id, Fields(t.columns.size())), ErrorCode::not_found, "id", "",
                 "changed");
    expect_error(remove(t, theirs_, id), ErrorCode::not_found, "id", "", "deleted");
    EXPECT_EQ(must(find(t, ours_, id)), row);
    for (const Table& child : tables()) {
      for (std::size_t i = 0; i < child.columns.size(); ++i) {
        if (child.columns[i].target != t.name) continue;
        Fields fields = fields_of(child, theirs_, false);
        fields[i] = id;
        const std::string what = std::string(child.name) + "." + std::string(child.columns[i].name);
        expect_error(create(child, theirs_, fields), ErrorCode::failed_precondition,
                     child.columns[i].name, "_fkey", what);
        const Row own = make(child, theirs_);
        Fields change(child.columns.size());
        change[i] = id;
        expect_error(update(child, theirs_, id_of(own), change), ErrorCode::failed_precondition,
                     child.columns[i].name, "_fkey", what);
      }
    }
  }
}

TEST_P(AccountStoreTest, ValuesThatNoTwoRowsShareAreRefusedByTheNameOfTheConstraint) {
  for (const Table& t : tables()) {
    for (const Unique& unique : t.uniques) {
      const std::string name = std::string(t.name) + "_" + std::string(unique.name) + "_key";
      const Row first = make(t, ours_, true);
      Fields fields = fields_of(t, ours_, true);
      std::string_view last = "id";
      for (const std::string_view column : unique.columns) {
        if (column.empty()) break;
        last = column;
        if (column != "created_at") fields[*t.find(column)] = at(t, first, column);
      }
      const std::size_t before = account_rows(t.name, ours_).size();
      expect_error(create(t, ours_, fields), ErrorCode::already_exists, last, name, name);
      EXPECT_EQ(account_rows(t.name, ours_).size(), before);
      if (t.name == "meta_user_profiles" || unique.columns.back() == "created_at") continue;
      // Another account may have the same, where it does not refer to rows of ours.
      const bool refers = std::ranges::any_of(unique.columns, [&](std::string_view column) {
        return column.ends_with("_id") && column != "variation_id";
      });
      if (!refers) {
        Fields same = fields_of(t, theirs_, true);
        for (const std::string_view column : unique.columns) {
          if (!column.empty() && column != "created_at") {
            same[*t.find(column)] = at(t, first, column);
          }
        }
        EXPECT_TRUE(create(t, theirs_, same)) << name;
      }
      clock_.advance_ms(1);
    }
  }
}

TEST_P(AccountStoreTest, EveryColumnRefusesWhatBreaksItsRule) {
  for (const Table& t : tables()) {
    const Row row = make(t, ours_);
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      const Column& column = t.columns[i];
      const std::string what = std::string(t.name) + "." + std::string(column.name);
      std::vector<Value> bad = {store::Json{"7"}};
      if (!column.writable) bad = {sample(column, ours_)};
      if (column.kind == Kind::text) bad.emplace_back(std::string(column.bytes_max + 1, 'x'));
      if (column.kind == Kind::text) bad.emplace_back(std::string("a\0b", 3));
      if (column.kind == Kind::text && column.required) bad.emplace_back(std::string());
      if (column.kind == Kind::word) bad.emplace_back(std::string("unheard of"));
      if (column.kind == Kind::number || column.kind == Kind::money) {
        bad.emplace_back(std::numeric_limits<double>::infinity());
        bad.emplace_back(std::nan(""));
        if (column.low_open) bad.emplace_back(column.low);
        if (column.high_open) bad.emplace_back(column.high);
        if (column.low > -1e300) bad.emplace_back(column.low - 1e6);
        if (column.high < 1e300) bad.emplace_back(column.high + 1e6);
      }
      if (column.kind == Kind::whole) {
        bad.emplace_back(static_cast<std::int64_t>(column.low) - 1);
        bad.emplace_back(static_cast<std::int64_t>(column.high) + 1);
      }
      if (column.kind == Kind::object) {
        bad.emplace_back(store::Json{"[]"});
        bad.emplace_back(store::Json{"{\"a\":\"" + std::string(kTextBytesMax, 'x') + "\"}"});
      }
      if (column.kind == Kind::list) bad.emplace_back(store::Json{"{}"});
      if (!column.nullable()) bad.emplace_back(Null{});
      for (const Value& value : bad) {
        Fields fields(t.columns.size());
        fields[i] = value;
        expect_error(update(t, ours_, id_of(row), fields), ErrorCode::invalid_argument, column.name,
                     "", what);
      }
      if (column.required) {
        Fields without = fields_of(t, ours_, false);
        without[i].reset();
        expect_error(create(t, ours_, without), ErrorCode::invalid_argument, column.name,
                     "is required", what);
      }
    }
    EXPECT_EQ(must(find(t, ours_, id_of(row))), row) << t.name;
    if (t.low.empty()) continue;
    const Column& low = t.columns[*t.find(t.low)];
    Fields backwards(t.columns.size());
    if (low.kind == Kind::day) {
      backwards[*t.find(t.low)] = store::Date{20'001};
      backwards[*t.find(t.high)] = store::Date{20'000};
    } else if (low.kind == Kind::instant) {
      backwards[*t.find(t.low)] = store::Timestamp{2};
      backwards[*t.find(t.high)] = store::Timestamp{1};
    } else if (low.kind == Kind::whole) {
      backwards[*t.find(t.low)] = std::int64_t{2};
      backwards[*t.find(t.high)] = std::int64_t{1};
    } else {
      backwards[*t.find(t.low)] = 2.0;
      backwards[*t.find(t.high)] = 1.0;
    }
    expect_error(update(t, ours_, id_of(row), backwards), ErrorCode::invalid_argument, t.low,
                 "must not be above", std::string(t.name));
  }
}

// What a row without optional values holds is the same whoever writes it.
TEST_P(AccountStoreTest, TheDatabaseHasTheSameDefaults) {
  for (const Table& t : tables()) {
    SCOPED_TRACE(t.name);
    const Row ours = make(t, ours_);
    store::ColumnBatch batch;
    batch.add_int64("user_id").push(static_cast<std::int64_t>(theirs_));
    const Fields needed = fields_of(t, theirs_, false);
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      if (!needed[i]) continue;
      const std::string name(t.columns[i].name);
      if (const auto* id = std::get_if<Uuid>(&*needed[i])) batch.add_uuid(name).push(*id);
      if (const auto* word = std::get_if<std::string>(&*needed[i])) {
        batch.add_text(name).push(*word);
      }
      if (const auto* day = std::get_if<store::Date>(&*needed[i])) batch.add_date(name).push(*day);
    }
    if (t.name == "meta_user_profiles") {
      for (const Row& row : account_rows(t.name, theirs_)) must(remove(t, theirs_, id_of(row)));
    }
    must(session_->append(t.name, batch));
    const std::vector<Row> rows = account_rows(t.name, theirs_);
    const auto theirs = std::ranges::find_if(rows, [&](const Row& row) {
      for (std::size_t i = 0; i < needed.size(); ++i) {
        if (needed[i] && row[2 + i] != *needed[i]) return false;
      }
      return true;
    });
    ASSERT_NE(theirs, rows.end());
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      if (t.columns[i].from_server) {
        EXPECT_FALSE(std::holds_alternative<Null>((*theirs)[2 + i])) << t.columns[i].name;
      } else if (!needed[i]) {
        EXPECT_EQ((*theirs)[2 + i], ours[2 + i]) << t.columns[i].name;
      }
    }
  }
}

TEST_P(AccountStoreTest, DeletingARowDoesToItsChildrenWhatTheDescriptionSays) {
  for (const Table& parent : tables()) {
    for (const Table& child : tables()) {
      for (const Column& column : child.columns) {
        if (column.target != parent.name) continue;
        SCOPED_TRACE(std::string(child.name) + "." + std::string(column.name));
        const Row row = make(parent, ours_);
        Fields fields = fields_of(child, ours_, false);
        fields[*child.find(column.name)] = id_of(row);
        const Row dependent = must(create(child, ours_, fields));
        const Row bystander = make(child, ours_);
        const auto removed = remove(parent, ours_, id_of(row));
        EXPECT_EQ(must(find(child, ours_, id_of(bystander))), bystander);
        switch (column.on_delete) {
          case OnDelete::refuse:
            expect_error(removed, ErrorCode::failed_precondition, "id", "_fkey", "needed");
            EXPECT_EQ(must(find(child, ours_, id_of(dependent))), dependent);
            break;
          case OnDelete::cascade:
            must(removed);
            expect_error(find(child, ours_, id_of(dependent)), ErrorCode::not_found, "id", "", "");
            break;
          case OnDelete::set_null:
            must(removed);
            EXPECT_EQ(at(child, must(find(child, ours_, id_of(dependent))), column.name),
                      Value{Null{}});
        }
      }
    }
  }
}

TEST_P(AccountStoreTest, AProfileStaysWhileRowsReferToIt) {
  for (const Table& t : tables()) {
    if (!t.needs_profile) continue;
    const AccountId account = add_account("with " + std::string(t.name));
    Fields fields(t.columns.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (t.columns[i].required) fields[i] = sample(t.columns[i], account);
    }
    expect_error(create(t, account, fields), ErrorCode::failed_precondition, "account",
                 std::string(t.name) + "_profile_fkey", "without a profile");
    const Row row = make(t, account);
    const Table& profiles = table("meta_user_profiles");
    const Uuid profile = id_of(account_rows(profiles.name, account).front());
    expect_error(remove(profiles, account, profile), ErrorCode::failed_precondition, "id",
                 std::string(t.name) + "_profile_fkey", "with rows");
    must(remove(t, account, id_of(row)));
    must(remove(profiles, account, profile));
  }
  const Table& campaigns = table("campaigns");
  expect_error(create(campaigns, AccountId{999}, fields_of(campaigns, ours_, false)),
               ErrorCode::failed_precondition, "account", "campaigns_account_fkey", "nobody");
}

// What DuckDB refuses with foreign keys: changing an indexed column of a row that has children.
TEST_P(AccountStoreTest, EveryStatusCanBeChangedWithChildrenPresent) {
  for (const Table& t : tables()) {
    const Row row = make(t, ours_);
    std::vector<Row> children;
    std::vector<const Table*> of;
    for (const Table& child : tables()) {
      for (const Column& column : child.columns) {
        if (column.target != t.name) continue;
        Fields fields = fields_of(child, ours_, true);
        fields[*child.find(column.name)] = id_of(row);
        children.push_back(must(create(child, ours_, fields)));
        of.push_back(&child);
      }
    }
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      const Column& column = t.columns[i];
      if (column.kind != Kind::word || !column.writable) continue;
      for (int round = 0; round < 2; ++round) {
        for (const std::string_view word : column.words) {
          Fields change(t.columns.size());
          change[i] = std::string(word);
          const Row changed = must(update(t, ours_, id_of(row), change));
          EXPECT_EQ(changed[2 + i], Value{std::string(word)});
        }
      }
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      EXPECT_EQ(must(find(*of[i], ours_, id_of(children[i]))), children[i]) << of[i]->name;
    }
  }
}

TEST_P(AccountStoreTest, RatesFollowTheirCounters) {
  const Table& t = table("test_variations");
  const Row fresh = make(t, ours_);
  EXPECT_EQ(at(t, fresh, "ctr"), Value{Null{}}) << "nobody was exposed";
  const Row row = must(update(t, ours_, id_of(fresh),
                              set(t, {{"impressions", std::int64_t{8}},
                                      {"clicks", std::int64_t{2}},
                                      {"conversions", std::int64_t{1}},
                                      {"revenue", 20.0}})));
  EXPECT_EQ(at(t, row, "ctr"), Value{0.25});
  EXPECT_EQ(at(t, row, "conversion_rate"), Value{0.125});
  EXPECT_EQ(at(t, row, "revenue_per_visitor"), Value{2.5});
}

TEST_P(AccountStoreTest, ListsInPages) {
  const Table& t = table("test_variations");
  const Row test = make(table("ab_tests"), ours_);
  std::vector<Row> made;
  for (int i = 0; i < 5; ++i) {
    clock_.advance_ms(1);
    Fields fields = fields_of(t, ours_, false);
    fields[*t.find("ab_test_id")] = id_of(test);
    made.insert(made.begin(), must(create(t, ours_, fields)));
  }
  make(t, ours_);   // of another test
  const auto page = [&](std::int64_t limit, std::int64_t offset) {
    return must(accounts_store_.list(
        *session_, t, ours_, {.limit = limit, .offset = offset, .parent = id_of(test)}));
  };
  EXPECT_EQ(page(5, 0).rows, made);
  EXPECT_FALSE(page(5, 0).more);
  EXPECT_EQ(page(2, 1).rows, std::vector<Row>(made.begin() + 1, made.begin() + 3));
  EXPECT_TRUE(page(2, 1).more);
  EXPECT_TRUE(page(1, 5).rows.empty());
  EXPECT_EQ(account_rows(t.name, ours_).size(), 6U);
  for (const auto& [limit, offset, field] : {std::tuple{0, 0, "limit"},
                                             {1001, 0, "limit"},
                                             {1, -1, "offset"},
                                             {1, 1'000'001, "offset"}}) {
    const ListOptions options{.limit = limit, .offset = offset, .parent = {}};
    expect_error(accounts_store_.list(*session_, t, ours_, options), ErrorCode::invalid_argument,
                 field, "must be", field);
  }
}

TEST_P(AccountStoreTest, ListsTestsOfASiteAndAState) {
  const Table& t = table("ab_tests");
  const std::string here = Uuid::random().text();
  const auto add = [&](AccountId account, const std::string& site) {
    Fields fields = fields_of(t, account, false);
    fields[*t.find("site_id")] = Value{site};
    return must(create(t, account, fields));
  };
  const Row first = add(ours_, here);
  clock_.advance_ms(1);
  const Row second = add(ours_, here);
  clock_.advance_ms(1);
  const Row elsewhere = add(ours_, Uuid::random().text());
  add(theirs_, here);
  const auto listed = [&](const ListOptions& options) {
    return must(accounts_store_.list(*session_, t, ours_, options)).rows;
  };
  using Rows = std::vector<Row>;
  EXPECT_EQ(listed({.parent = {}}), (Rows{elsewhere, second, first}));
  EXPECT_EQ(listed({.parent = {}, .site = here}), (Rows{second, first}));
  EXPECT_EQ(listed({.parent = {}, .status = "Draft"}), (Rows{elsewhere, second, first}));
  EXPECT_EQ(listed({.parent = {}, .site = here, .status = "Active"}), Rows{});
  EXPECT_EQ(listed({.limit = 1, .offset = 1, .parent = {}, .site = here, .status = "Draft"}),
            Rows{first});
}

TEST_P(AccountStoreTest, GivesEveryAccountAProfileOnce) {
  make(table("meta_user_profiles"), ours_);
  EXPECT_EQ(must(accounts_store_.populate(*session_)), 1);
  EXPECT_EQ(must(accounts_store_.populate(*session_)), 0);
  const Table& t = table("meta_user_profiles");
  const std::vector<Row> rows = account_rows(t.name, theirs_);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(at(t, rows[0], "risk_tolerance"), Value{0.5});
  EXPECT_EQ(at(t, rows[0], "business_size"), Value{Null{}});
}

INSTANTIATE_TEST_SUITE_P(Engines, AccountStoreTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign

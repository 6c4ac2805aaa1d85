// A store whose calls fail when told: before they do anything, or, for a commit, after it took
// effect.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "store/store.h"

namespace attune::etl {

class FaultyStore final : public store::Store {
 public:
  explicit FaultyStore(store::Store& inner) : inner_(inner) {}

  /// The n-th call from now on (0 is the next one) fails with `unavailable`, once.
  void fail_call(std::int64_t n) { countdown = n; }

  /// The database is away from the n-th call on, for good; negative: not any more.
  void stay_away_from(std::int64_t n) {
    countdown = n;
    stays_away = n >= 0;
    is_away = false;
  }

  Result<std::unique_ptr<store::Session>> session() override {
    ATTUNE_ASSIGN(auto inner, inner_.session());
    return std::make_unique<FaultySession>(*this, std::move(inner));
  }
  store::Engine engine() const override { return inner_.engine(); }
  Result<void> migrate() override { return inner_.migrate(); }
  Result<void> checkpoint() override { return inner_.checkpoint(); }

  std::atomic<std::int64_t> countdown{-1};
  std::atomic<std::int64_t> calls{0};
  std::atomic<bool> commit_takes_effect{false};
  std::atomic<bool> stays_away{false};
  std::atomic<bool> is_away{false};

 private:
  class FaultySession final : public store::Session {
   public:
    FaultySession(FaultyStore& store, std::unique_ptr<store::Session> inner)
        : store_(store), inner_(std::move(inner)) {}

    store::Engine engine() const override { return inner_->engine(); }
    Result<store::Rows> query(std::string_view file, std::span<const store::Value> parameters,
                              const store::QueryOptions& options) override {
      ATTUNE_TRY(check());
      return inner_->query(file, parameters, options);
    }
    Result<std::int64_t> scan(std::string_view file, std::span<const store::Value> parameters,
                              const store::RowVisitor& visit,
                              const store::QueryOptions& options) override {
      ATTUNE_TRY(check());
      return inner_->scan(file, parameters, visit, options);
    }
    Result<std::int64_t> execute(std::string_view file,
                                 std::span<const store::Value> parameters) override {
      ATTUNE_TRY(check());
      return inner_->execute(file, parameters);
    }
    Result<store::Rows> query_text(std::string_view sql,
                                   const store::QueryOptions& options) override {
      return inner_->query_text(sql, options);
    }
    Result<void> append(std::string_view table, const store::ColumnBatch& batch) override {
      ATTUNE_TRY(check());
      return inner_->append(table, batch);
    }
    Result<void> act_as(const store::Tenant& tenant) override {
      ATTUNE_TRY(check());
      return inner_->act_as(tenant);
    }
    Result<void> begin() override {
      ATTUNE_TRY(check());
      return inner_->begin();
    }
    Result<void> commit() override {
      if (auto checked = check(); !checked) {
        if (store_.commit_takes_effect) {
          ATTUNE_TRY(inner_->commit());
        } else {
          ATTUNE_TRY(inner_->rollback());
        }
        return checked;
      }
      return inner_->commit();
    }
    Result<void> rollback() override { return inner_->rollback(); }

   private:
    Result<void> check() {
      ++store_.calls;
      if (!store_.is_away && store_.countdown.fetch_sub(1) != 0) return {};
      if (store_.stays_away) store_.is_away = true;
      return fail(ErrorCode::unavailable, "the test pulled the plug");
    }

    FaultyStore& store_;
    std::unique_ptr<store::Session> inner_;
  };

  store::Store& inner_;
};

}  // namespace attune::etl

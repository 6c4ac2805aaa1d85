#include "store/swappable_store.h"

#include <chrono>

namespace attune::store {

/// A session that borrows one of the current database and asks for another after a swap. Holds the
/// gate from `begin` to `commit` or `rollback`, so that a swap never cuts a transaction in two.
class SwappableStore::Proxy final : public Session {
 public:
  explicit Proxy(SwappableStore& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.proxies_mutex_);
    owner_.proxies_.insert(this);
  }

  ~Proxy() override {
    if (transaction_.owns_lock()) static_cast<void>(rollback());
    const std::shared_lock gate(owner_.gate_);
    const std::lock_guard lock(owner_.proxies_mutex_);
    owner_.proxies_.erase(this);
    inner_.reset();
  }

  Engine engine() const override { return owner_.engine_; }

  Result<Rows> query(std::string_view file, std::span<const Value> parameters,
                     const QueryOptions& options) override {
    return timed(file, [&](Session& session) { return session.query(file, parameters, options); });
  }
  Result<std::int64_t> scan(std::string_view file, std::span<const Value> parameters,
                            const RowVisitor& visit, const QueryOptions& options) override {
    return timed(file, [&](Session& session) {
      return session.scan(file, parameters, visit, options);
    });
  }
  Result<std::int64_t> execute(std::string_view file, std::span<const Value> parameters) override {
    return timed(file, [&](Session& session) { return session.execute(file, parameters); });
  }
  Result<Rows> query_text(std::string_view sql, const QueryOptions& options) override {
    return with([&](Session& session) { return session.query_text(sql, options); });
  }
  Result<void> append(std::string_view table, const ColumnBatch& batch) override {
    return with([&](Session& session) { return session.append(table, batch); });
  }
  Result<std::int64_t> copy_table(std::string_view table, Session& to) override {
    return with([&](Session& session) { return session.copy_table(table, to); });
  }
  Result<void> copy_sequences(Session& to) override {
    return with([&](Session& session) { return session.copy_sequences(to); });
  }
  Result<void> export_table(std::string_view table, const ByteSink& sink) override {
    return with([&](Session& session) { return session.export_table(table, sink); });
  }
  Result<void> import_table(std::string_view table, const ByteSource& source) override {
    return with([&](Session& session) { return session.import_table(table, source); });
  }

  Result<void> act_as(const Tenant& tenant) override {
    return with([&](Session& session) { return session.act_as(tenant); });
  }

  Result<void> begin() override {
    std::shared_lock gate(owner_.gate_);
    ATTUNE_TRY(ready());
    ATTUNE_TRY(inner_->begin());
    transaction_ = std::move(gate);
    return {};
  }
  Result<void> commit() override { return end(&Session::commit); }
  Result<void> rollback() override { return end(&Session::rollback); }

  /// The swap holds the gate alone, so nobody is inside `inner_`.
  void drop() { inner_.reset(); }

 private:
  template <class Call>
  auto with(Call call) -> decltype(call(std::declval<Session&>())) {
    std::shared_lock<std::shared_mutex> gate;
    if (!transaction_.owns_lock()) gate = std::shared_lock(owner_.gate_);
    ATTUNE_TRY(ready());
    return call(*inner_);
  }

  template <class Call>
  auto timed(std::string_view file, Call call) -> decltype(call(std::declval<Session&>())) {
    return with([&](Session& session) {
      const auto begun = std::chrono::steady_clock::now();
      auto result = call(session);
      const auto took = std::chrono::steady_clock::now() - begun;
      owner_.times_.add(file,
                        std::chrono::duration_cast<std::chrono::microseconds>(took).count(),
                        result.has_value());
      return result;
    });
  }

  Result<void> ready() {
    if (inner_) return {};
    if (!owner_.store_)
      return fail(ErrorCode::unavailable, "the database could not be opened again");
    ATTUNE_ASSIGN(inner_, owner_.store_->session());
    return {};
  }

  Result<void> end(Result<void> (Session::*finish)()) {
    if (!inner_) return fail(ErrorCode::failed_precondition, "no transaction is open");
    Result<void> result = (inner_.get()->*finish)();
    if (transaction_.owns_lock()) transaction_.unlock();
    return result;
  }

  SwappableStore& owner_;
  std::unique_ptr<Session> inner_;
  std::shared_lock<std::shared_mutex> transaction_;
};

Result<std::unique_ptr<SwappableStore>> SwappableStore::make(Open open) {
  std::unique_ptr<SwappableStore> made(new SwappableStore(std::move(open)));
  ATTUNE_ASSIGN(made->store_, made->open_());
  made->engine_ = made->store_->engine();
  return made;
}

SwappableStore::~SwappableStore() = default;

Result<std::unique_ptr<Session>> SwappableStore::session() {
  std::unique_ptr<Session> proxy = std::make_unique<Proxy>(*this);
  return proxy;
}

Result<void> SwappableStore::migrate() {
  const std::shared_lock gate(gate_);
  if (!store_) return fail(ErrorCode::unavailable, "the database could not be opened again");
  return store_->migrate();
}

Result<void> SwappableStore::checkpoint() {
  const std::shared_lock gate(gate_);
  if (!store_) return fail(ErrorCode::unavailable, "the database could not be opened again");
  return store_->checkpoint();
}

Result<void> SwappableStore::swap(const std::function<Result<void>()>& replace) {
  const std::unique_lock gate(gate_);
  {
    const std::lock_guard lock(proxies_mutex_);
    for (Proxy* proxy : proxies_) proxy->drop();
  }
  store_.reset();
  Result<void> replaced = replace();
  ATTUNE_ASSIGN(store_, open_());
  return replaced;
}

}  // namespace attune::store

// Signing in.

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, explain, request } from "../lib/api";
import type { Login } from "../lib/types";
import { Logo } from "../components/icons";

export function LoginScreen({ onSignIn }: { onSignIn: (login: Login) => void }) {
  const [user, setUser] = useState("admin");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = "Sign in · Attune";
    field.current?.focus();
  }, []);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      onSignIn(
        await request<Login>("POST", "/api/v1/login", { body: { user, password }, isLogin: true }),
      );
    } catch (error) {
      setBusy(false);
      setProblem(sentence(error));
      field.current?.select();
    }
  };

  return (
    <main class="login">
      <form onSubmit={submit} aria-labelledby="login-title">
        <div class="login-brand">
          <Logo />
          <h1 id="login-title">Sign in to Attune</h1>
        </div>
        <label class="field">
          <span>User</span>
          <input
            name="user"
            autocomplete="username"
            required
            value={user}
            onInput={(event) => setUser(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Password</span>
          <input
            ref={field}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            aria-invalid={problem !== ""}
            {...(problem ? { "aria-describedby": "login-problem" } : {})}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <p class="form-error" id="login-problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <p class="login-note">
          The first start of Attune printed the password of “admin” in its terminal.
        </p>
      </form>
    </main>
  );
}

function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return explain(error);
  if (error.status === 401) return "User and password do not match.";
  if (error.status === 429) {
    return `Too many tries. Wait ${error.retryAfterSeconds ?? 60} seconds and try again.`;
  }
  return explain(error);
}

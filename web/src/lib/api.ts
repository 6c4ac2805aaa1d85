// The one way to the server: JSON in and out, the login's CSRF token on every change, one kind of error.

import type { Login } from "./types";
import { sentence } from "./words";

/** What went wrong with a request, in words a person can read. */
export class ApiError extends Error {
  /**
   * status   the HTTP status; 0 when there was no answer at all.
   * code     the API's code, for example "invalid_argument".
   * field    the input at fault, when the API names one.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const fieldWords: Record<string, string> = {
  timezone: "Time zone",
  allowed_origins: "Pages that may send events:",
  cuped_days: "The days looked back",
  holdout: "Who is kept out",
  current: "That",
  new: "The new password",
};

/** An error as a sentence. The API says "must be ..." of a field; people want to read of which. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const { field, message } = error;
  if (!field || !/^(must|is|has|may|needs|cannot|at most|at least|an? )\b/.test(message))
    return sentence(message);
  const own = field.replace(/^design\./, "");
  const word = fieldWords[own.replace(/[[.].*$/, "")] ?? sentence(own.replaceAll("_", " "));
  return `${word} ${message}`;
}

type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

let csrfToken: string | null = null;
let onSignedOut: () => void = () => {};

export function setLogin(login: Login | null): void {
  csrfToken = login?.csrf_token ?? null;
}

/** Calls `listener` whenever the server says that nobody is signed in. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

const answerWithinMs = 30_000;
const fileWithinMs = 300_000; // tens of thousands of rows

interface RequestOptions {
  body?: unknown;
  /** A 401 here means a wrong password, not an ended login. */
  isLogin?: boolean;
  /** Sent as it is, in place of JSON. */
  file?: { type: string; text: string };
}

/** Sends a request; returns the parsed answer, throws ApiError. */
export async function request<T>(
  method: Method,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  if (options.file) headers["content-type"] = options.file.type;
  if (method !== "GET" && csrfToken) headers["x-csrf-token"] = csrfToken;
  const controller = new AbortController();
  const limitMs = options.file ? fileWithinMs : answerWithinMs;
  const tooLate = setTimeout(() => controller.abort(), limitMs);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.file && { body: options.file.text }),
      signal: controller.signal,
    });
    text = await answer.text();
  } catch {
    const late = controller.signal.aborted;
    throw late
      ? new ApiError(0, "deadline_exceeded", "Attune took too long to answer.")
      : new ApiError(0, "unavailable", "Attune does not answer. Is it still running?");
  } finally {
    clearTimeout(tooLate);
  }
  if (answer.ok) return (text === "" ? null : parse(text, answer.status)) as T;
  const failure = toError(answer, text);
  if (failure.status === 401 && !options.isLogin) onSignedOut();
  throw failure;
}

export const get = <T>(path: string): Promise<T> => request<T>("GET", path);
export const post = <T>(path: string, body?: unknown): Promise<T> =>
  request<T>("POST", path, { body });
export const patch = <T>(path: string, body: unknown): Promise<T> =>
  request<T>("PATCH", path, { body });
export const remove = (path: string): Promise<void> => request<void>("DELETE", path);

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(
      status,
      "internal",
      "The answer is not JSON. Is this address really Attune's?",
    );
  }
}

function toError(answer: Response, text: string): ApiError {
  const retryAfter = Number(answer.headers.get("retry-after"));
  const wait = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  try {
    const { error } = JSON.parse(text) as {
      error: { code: string; message: string; field?: string };
    };
    return new ApiError(answer.status, error.code, error.message, error.field ?? null, wait);
  } catch {
    return new ApiError(
      answer.status,
      "internal",
      `The server answered ${answer.status}.`,
      null,
      wait,
    );
  }
}

/** "/api/v1/sites/x/stats/pages" with the given parameters; undefined and null ones are left out. */
export function withQuery(
  path: string,
  parameters: Record<string, string | number | boolean | null | undefined>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export const sitesPath = "/api/v1/sites";

export const sitePath = (site: { id: string }, rest: string): string =>
  `/api/v1/sites/${encodeURIComponent(site.id)}/${rest}`;

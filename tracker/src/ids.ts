// Who is here: a random visitor id, a session that ends after 30 idle minutes, and the user the site
// named. Kept in localStorage so that tabs share them; without storage (or with data-cookieless) there
// are none, and the server counts by its own daily hash.

const SESSION_IDLE_MS = 30 * 60 * 1000;
const VISITOR = "attune.visitor";
const SESSION = "attune.session";
const USER = "attune.user";
const OFF = "attune.off";

/** Random, version 4. `crypto.randomUUID` exists only on https and localhost. */
export function uuid(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function get(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Returns whether the value is really kept: private modes and blocked storage throw. */
function set(key: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export interface Ids {
  visitor?: string;
  session?: string;
  user?: string;
}

export function openIdentity(cookieless: boolean) {
  const stored = !cookieless && set(OFF + ".probe", "1") && set(OFF + ".probe", null);
  let user = (stored && get(USER)) || undefined;

  const alive = (): string | undefined => {
    const [id, last] = (get(SESSION) || "").split("|");
    return id && Date.now() - Number(last) < SESSION_IDLE_MS ? id : undefined;
  };
  const setUser = (id: string | undefined): void => {
    user = id;
    if (stored) set(USER, id || null);
  };

  return {
    /** True when the next event begins a new session. Without storage nothing is known, so never. */
    expired: (): boolean => stored && !alive(),

    /** The ids for an event of now; keeps the session alive, or begins one. */
    touch(): Ids {
      if (!stored) return { user };
      const visitor = get(VISITOR) || uuid();
      const session = alive() || uuid();
      set(VISITOR, visitor);
      set(SESSION, session + "|" + Date.now());
      return { visitor, session, user };
    },

    setUser,

    /** Another person from here on: what a site calls at logout. */
    reset(): void {
      setUser(undefined);
      set(VISITOR, null);
      set(SESSION, null);
    },
  };
}

export const optedOut = () => get(OFF) === "1";
export const setOptedOut = (out: boolean) => set(OFF, out ? "1" : null);

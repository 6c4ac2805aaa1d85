// Runs before the first paint, so that someone who chose dark never sees a flash of light.
import { applyTheme, storedTheme } from "./lib/prefs";

applyTheme(storedTheme());

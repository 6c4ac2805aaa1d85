// Starts the dashboard.

import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/components.css";
import "./styles/screens.css";
import "./styles/tests.css";
import "uplot/dist/uPlot.min.css";
import { render } from "preact";
import { App } from "./app";
import { followSystemTheme } from "./lib/prefs";

followSystemTheme();
const root = document.getElementById("app");
if (root) render(<App />, root);

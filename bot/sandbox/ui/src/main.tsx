// Where the page begins.

import { render } from "preact";

import { App } from "./app";
import { Live } from "./live";
import "./style/page.css";
import "./style/message.css";
import "./style/form.css";
import "./style/side.css";

const root = document.getElementById("page");
if (root) {
  const live = new Live(new URLSearchParams(location.search).get("as") ?? "");
  render(<App live={live} />, root);
}

// @ts-check
// Opens the page: over the answers recorded in it where there are any, else over the server it came from.

import { serverHost } from "./host_server.js";
import { recordedHost } from "./host_recorded.js";
import { addressBar } from "./address.js";
import { open } from "./app.js";

const recordedAnswers = document.getElementById("recorded");
open(
  document.getElementById("explore"),
  recordedAnswers ? recordedHost(JSON.parse(recordedAnswers.textContent)) : serverHost(),
  addressBar,
);

// @ts-check
// The pages of answers and of claims.

import { h, share } from "./dom.js";
import { page, table } from "./sheet.js";

export async function answersPage(host) {
  const answers = await host.json("/api/answers");
  if (!answers.length)
    return page(
      "Answers",
      "No question has been answered yet. An answer computed here is listed on this page.",
      h("pre", {}, "bestowal ask kibbutz"),
    );
  return page(
    "Answers",
    "Questions answered, each with its report.",
    table(
      ["Question", "-Worlds", "Asked"],
      answers.map((one) => [
        h("a", { href: one.href.replace(/^\//, "") }, one.title),
        one.worlds.toLocaleString("en"),
        one.full ? "in full" : "in short",
      ]),
      "Answers in the store",
    ),
  );
}

export async function claimsPage(host) {
  const told = await host.json("/api/claims");
  const claims = Array.isArray(told) ? told : told.claims;
  const checked = told.checked ?? true;
  return page(
    "Claims of the source",
    "Claims read from the source text of this project, and tested in the model against rival explanations. A verdict holds for the model under its stated prior only.",
    told.command
      ? h(
          "p",
          { class: "small" },
          checked
            ? "Tested on this machine by "
            : "Some claims have not been tested on this machine yet. To test them (some minutes): ",
          h("code", {}, told.command),
        )
      : null,
    table(
      ["No.", "Claim", "-Holds at", "Verdict"],
      claims.map((claim) => [
        h("b", {}, claim.id),
        claim.page ? h("a", { href: claim.page }, claim.says) : claim.says,
        claim.share
          ? h(
              "span",
              {},
              share(claim.share[0]),
              h(
                "span",
                { class: "soft" },
                `${share(claim.share[1]).replace("\u00a0%", "")} to ${share(claim.share[2])}`,
              ),
            )
          : "–",
        h(
          "span",
          { class: `verdict${claim.verdict === "not checked" ? " not" : ""}` },
          claim.verdict,
          claim.because ? h("span", { class: "soft" }, claim.because) : null,
        ),
      ]),
      "Claims and verdicts",
    ),
    h(
      "p",
      { class: "small" },
      "Holds at: share of draws from the prior in which the claim holds, with its 95 % interval.",
    ),
  );
}

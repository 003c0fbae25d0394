// @ts-check
// A question's levers as changes that can be picked.

import { hashOf, stateOf } from "./address.js";
import { h } from "./dom.js";

const GROUPS = { motive: "Motive", institution: "Institution", surroundings: "Surroundings", mixed: "Together" };

/** A lever of a question as values from one year on; null where it is more than that. */
export function asOneChange(lever, question) {
  const parts = lever.together.length
    ? lever.together.map((name) => question.levers.find((one) => one.name === name))
    : [lever];
  const moments = parts.flatMap((part) => part?.moments ?? []);
  if (!moments.length || new Set(moments.map((moment) => moment.year)).size > 1) return null;
  return { y: moments[0].year, v: Object.assign({}, ...moments.map((moment) => moment.values)) };
}

/** The options of a question's levers, in groups. */
export function presetOptions(question) {
  const offered = (question?.levers ?? []).filter((lever) => asOneChange(lever, question));
  const inGroup = (lever, group) =>
    group === "mixed" ? lever.together.length : lever.group === group && !lever.together.length;
  const groups = Object.entries(GROUPS)
    .map(([group, label]) => ({ label, levers: offered.filter((lever) => inGroup(lever, group)) }))
    .filter(({ levers }) => levers.length);
  return [
    h("option", { value: "" }, "None (baseline)"),
    h("option", { value: "own", hidden: true }, "Levers set by hand"),
    ...groups.map(({ label, levers }) =>
      h(
        "optgroup",
        { label },
        levers.map((lever) => h("option", { value: lever.name }, lever.label)),
      ),
    ),
  ];
}

/** The recorded experiment that this state shows, "" for none. */
export function recordedPreset(experiments, state) {
  const bare = (one) => hashOf({ ...one, t: 0 });
  return experiments.find((one) => bare(stateOf(one.state)) === bare(state))?.state ?? "";
}

/** The lever of a question that this state shows; "" for no change, "own" for another. */
export function presetOf(question, state) {
  const now = Object.entries(state.v);
  if (!now.length) return "";
  const lever = (question?.levers ?? []).find((one) => {
    const its = asOneChange(one, question);
    return (
      its &&
      its.y === state.y &&
      Object.keys(its.v).length === now.length &&
      now.every(([name, value]) => its.v[name] === value)
    );
  });
  return lever?.name ?? "own";
}

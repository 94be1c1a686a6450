// Answers for tests/test_page_evaluator.py: data on each line in (a program stays until another comes), and out what
// the page's evaluator makes of it: the marks of every node as one hexadecimal digit, and what heads rest on.
"use strict";
const evaluator = require("../web/static/evaluator.js");
const lines = require("readline").createInterface({input: process.stdin});
let data = {};
let program = null;

function proved(looked, model) {
  const heads = program.heads.filter((head) => head.now).map((head) => head.node);
  const used = (node, reading) => evaluator.proofs(program, model, reading).used(2 * node);
  return {
    used: heads.map((node) => [0, 1].map((reading) =>
      used(node, reading).sort((a, b) => a - b))),
    support: heads.map((node) => evaluator.support(program, model, looked, node)),
    states: heads.map((node) => evaluator.state(model[node])),
  };
}

lines.on("line", (line) => {
  data = {...data, proofs: false, wide: null, ...JSON.parse(line)};
  if (line.includes('"program"')) { program = evaluator.program(data.program); }
  const looked = evaluator.looking(data, data.evidence);
  const model = evaluator.model(program, looked);
  const found = {model: model.map((plane) => (plane[0] + 4 * plane[1]).toString(16)).join("")};
  if (data.wide) { found.wide = evaluator.evaluate(program, data.wide, 2 ** 30 - 1); }
  process.stdout.write(JSON.stringify(data.proofs ? {...found, ...proved(looked, model)} : found) + "\n");
});

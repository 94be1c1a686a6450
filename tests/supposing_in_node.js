// Answers for tests/test_page_words.py: the data of a page on each line in; out, what each switch by itself and some
// switches together change, in words, and the picture with which the page opens.
"use strict";
global.evaluator = require("../web/static/evaluator.js");
const supposing = require("../web/static/supposing.js");
const chain = require("../web/static/chain.js");
const lines = require("readline").createInterface({input: process.stdin});

lines.on("line", (line) => {
  const {data: raw, roots, rows, chosen} = JSON.parse(line);
  const read = supposing.reader(raw);
  const data = read.data;
  const now = data.days.length - 1;
  const before = supposing.world(read, now, {});
  const told = chosen.map((some) => supposing.told(before, supposing.world(read, now, some), some));
  const days = data.days.map((_, day) => {
    const it = supposing.world(read, day, {});
    return {results: it.results, stood: data.order.map((head) => it.stood(head)),
            tests: data.tests.map((_, test) => it.testState(test)), values: it.values};
  });
  const drawn = roots.map((some) => {
    const found = chain.graph(before, some);
    return chain.layout(found, (key) => rows[key], (key) => (key[0] === "h" ? 0 : 1000) + Number(key.slice(1)));
  });
  process.stdout.write(JSON.stringify({told, days, drawn}) + "\n");
});

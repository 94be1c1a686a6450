// What the page shows of a case: the cards of its picture, what leads from one to another, and what is said on each.
// `page`: data, phrases, the last day, what is chosen now, and the case before and after what is supposed.
var cards = function (page) {
  "use strict";
  var data = page.data;
  var phrases = page.phrases;

  function number(key) { return Number(key.slice(1)); }
  function isHead(key) { return key[0] === "h"; }

  function standing(it) {
    var asked = it.results.filter(function (head) { return data.questions.includes(head); });
    var held = data.order.filter(function (head) { return supposing.SHOWN.includes(it.headState(head)); });
    var channels = held.filter(function (head) { return data.heads[head].kind === "channel"; });
    return asked.length ? asked.concat(channels) : held;
  }

  function roots() {
    if (page.now.step >= 0) { return data.steps.concat(); }
    if (page.now.pick === "all") { return all(page.before).concat(page.supposes() ? all(page.after) : []); }
    if (page.now.pick) { return [Number(page.now.pick)]; }
    if (!page.supposes()) { return standing(page.after); }
    var moved = supposing.changes(page.before, page.after).map(function (one) { return one.head; });
    return standing(page.before).concat(standing(page.after), moved.filter(stands));
  }

  function stands(head) { return page.before.standing(head).length + page.after.standing(head).length > 0; }

  function all(it) {
    return data.order.filter(function (head) { return supposing.SHOWN.includes(it.headState(head)); });
  }

  function both() {
    var some = Array.from(new Set(roots()));
    function of(it) {  // what stands in one of the two only is drawn as it stands there
      return chain.graph(it, some.filter(function (head) { return it.standing(head).length || !stands(head); }));
    }
    var found = of(page.after);
    var old = page.supposes() ? of(page.before) : found;
    if (page.supposes()) {  // and what leads to it on one side is shown as it stands on the other
      some = Array.from(new Set(some.concat(Object.keys(Object.assign({}, old.cards, found.cards)).filter(isHead).map(number))));
      found = of(page.after);
      old = of(page.before);
    }
    var links = {};
    Object.keys(Object.assign({}, old.links, found.links)).forEach(function (key) {
      var is = found.links[key];
      var was = old.links[key];
      links[key] = {met: Boolean(is && is.met), stops: Boolean((is || was).stops), comes: Boolean(is && is.met && !(was && was.met))};
    });
    return {cards: Object.assign({}, old.cards, found.cards), links: links};
  }

  function marks() {
    var found = {};
    if (page.supposes()) {
      supposing.changes(page.before, page.after).forEach(function (one) { found["h" + one.head] = phrases.marks[one.mark]; });
      supposing.restood(page.before, page.after).forEach(function (head) { found["h" + head] = phrases.marks[3]; });
      [[page.after, page.before, 0], [page.before, page.after, 1]].forEach(function (one) {
        one[0].results.filter(function (head) { return !one[1].results.includes(head); }).forEach(function (head) {
          found["h" + head] = phrases.marks[one[2]];
        });
      });
      Object.keys(page.now.chosen).forEach(function (at) {
        var option = data.switches[at].options[page.now.chosen[at]];
        data.switches[at].tests.forEach(function (test) {
          found["t" + test] = phrases.evidence[option.added.length ? 0 : 1];
        });
      });
    }
    return found;
  }

  function valueOf(test) {
    return page.after.values[test] || (page.supposes() ? page.before.values[test] : "") || "";
  }

  function rowsOf(key, marked) {
    var rows = [];
    function add(text, letters, looks) {
      chain.wrap(text, letters).forEach(function (line) { rows.push([line, looks]); });
    }
    var mark = marked[key];
    if (isHead(key)) {
      add(data.heads[number(key)].title, 21, "name");
      if (mark) { add(mark, 25, "mark"); }
      add(page.now.step < 0 ? page.after.stood(number(key), "card") : phrases.kinds[data.heads[number(key)].kind], 28, "state");
      return rows;
    }
    if (valueOf(number(key))) { add(valueOf(number(key)), 20, "name"); }
    add(data.tests[number(key)].title, 24, "said");
    if (mark) { add(mark, 25, "mark"); }
    if (page.after.testState(number(key)) !== "present") { add(phrases.test[page.after.testState(number(key))], 28, "state"); }
    return rows;
  }

  function isMet(key) {
    return supposing.SHOWN.includes(isHead(key) ? page.after.headState(number(key)) : page.after.testState(number(key)));
  }

  // Without what the one conclusion in the picture, or the result, would not stand; as it is, on the page's own day.
  function heavy() {
    var some = Array.from(new Set(roots()));
    var top = some.length === 1 || (some.length && data.results.includes(some[0])) ? some[0] : -1;
    if (page.supposes() || page.now.day !== page.last || page.now.step >= 0 || !data.heavy[top]) { return []; }
    return data.heavy[top].concat("h" + top);
  }

  return {number: number, isHead: isHead, both: both, marks: marks, rowsOf: rowsOf, isMet: isMet, heavy: heavy};
};

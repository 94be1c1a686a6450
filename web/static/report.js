// The page that travels: choose what is shown, the day, and what is supposed; everything is worked out again here.
var report = function (next) {
  "use strict";
  var read = supposing.reader(JSON.parse(document.getElementById("data").textContent));
  var data = read.data;
  var phrases = data.phrases;
  var last = data.days.length - 1;
  var asIt = supposing.world(read, last, {});
  var page = {
    data: data, phrases: phrases, last: last, before: asIt, after: asIt,
    now: {pick: "", day: last, chosen: {}, kept: "", step: -1},
    supposes: function () { return Object.keys(page.now.chosen).length > 0; }
  };
  var shown = cards(page);
  var drawing = picture(page, shown, tell);
  var told = "";

  function by(id) { return document.getElementById(id); }

  function make(name, attributes, text) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function resultLine(it) { return supposing.resultTold(it); }

  // ---- What is said of one card.

  function paragraph(text, small) { return make("p", small ? {"class": "small"} : {}, text); }

  function tell(key) {
    var box = by("detail");
    told = key;
    box.hidden = page.now.step >= 0;
    box.replaceChildren();
    (shown.isHead(key) ? tellHead : tellTest)(box, shown.number(key));
  }

  function tellHead(box, head) {
    var one = data.heads[head];
    var state = page.after.headState(head);
    var rules = supposing.rulesOf(page.after, head);
    box.append(make("h3", {}, one.title), paragraph(phrases.kinds[one.kind] + ": " + page.after.stood(head)));
    var because = rules.length ? data.texts[rules[rules.length - 1][4]] : "";
    if (because && state === "present") { box.append(paragraph(because)); }
    if (state !== "present") { box.append(paragraph(phrases.sentence[state].replace("{because}", because))); }
    var every = rules.length ? rules : data.rules.filter(function (rule) { return rule[1] === head && rule[2] >= 0; });
    box.append(paragraph((rules.length ? "By the rule: " : "Rules that could give it: ") + Array.from(new Set(
      every.map(function (rule) { return data.texts[one.kind === "signature" ? rule[5] : rule[3]]; }))).join("; "), true));
    if (data.texts[one.act]) { box.append(paragraph("Who can act: " + data.texts[one.act], true)); }
    if (String(head) !== page.now.pick && page.now.step < 0) {
      var only = make("button", {type: "button"}, "Show only what leads to this");
      only.addEventListener("click", function () {
        page.now.kept = "";
        by("pick").value = String(head);
        pick();
        by("pick").focus();
      });
      box.append(make("p", {}), only);
    }
  }

  function tellTest(box, test) {
    var one = data.tests[test];
    var state = page.after.testState(test);
    var sides = [];
    data.program.pairs.forEach(function (pair, at) {
      if (pair[0] === test && !pair[1]) { sides = (page.after.evidence.sides[at] || "|").split("|"); }
    });
    box.append(make("h3", {}, one.title + (page.after.values[test] ? ": " + page.after.values[test] : "")));
    var mark = shown.marks()["t" + test];
    if (mark) { box.append(make("p", {}, mark)); }
    box.append(paragraph(phrases.test[state] + "; " + data.texts[page.now.day === last ? one.asks : data.texts[one.plain] ? one.plain : one.asks]));
    var list = make("ul");
    sides.join(".").split(".").filter(Boolean).forEach(function (at) {
      var item = make("li", {}, data.told[parseInt(at, 36)].words);
      item.append(make("small", {}, data.told[parseInt(at, 36)].cited || phrases.evidence[0]));
      list.append(item);
    });
    if (list.childNodes.length) { box.append(list); }
    if (state === "not known" && page.now.day === last && !page.supposes()) { box.append(paragraph(data.texts[one.gap])); }
    data.switches.forEach(function (some, at) {
      if (some.tests.includes(test)) { box.append(switchOf(at, "detail")); }
    });
  }

  // ---- What is supposed.

  function switchOf(at, where) {
    var one = data.switches[at];
    var box = make("div", {"data-switch": at});
    var select = make("select", {id: where + "-" + at});
    var label = make("label", {"for": where + "-" + at}, where === "detail" ? "Suppose otherwise" : one.title);
    select.append(make("option", {value: ""}, "as it is: " + one.held));
    one.options.forEach(function (option, n) { select.append(make("option", {value: n}, data.texts[option.words])); });
    select.value = at in page.now.chosen ? String(page.now.chosen[at]) : "";
    select.addEventListener("change", function () { suppose(at, select.value, select.id); });
    box.classList.toggle("on", at in page.now.chosen);
    box.append(label, select);
    return box;
  }

  function suppose(at, value, id) {
    if (value === "") { delete page.now.chosen[at]; } else { page.now.chosen[at] = Number(value); }
    page.now.step = -1;
    page.now.day = last;
    page.now.kept = "";
    work();
    if (told && !by("detail").hidden) { tell(told); }
    if (id.indexOf("detail") === 0 && by(id)) { by(id).focus(); }  // it was made anew
  }

  function groups(change) {
    var box = by("supposed");
    box.hidden = !page.supposes();
    box.replaceChildren();
    if (!page.supposes()) { return; }
    box.append(paragraph(phrases["not evidence"]));
    change.facts.forEach(function (fact) { box.append(paragraph(fact)); });
    change.groups.forEach(function (group) { box.append(make("h3", {}, group.title), listed(group.lines)); });
  }

  function listed(lines) {
    var list = make("ul");
    lines.forEach(function (line) {
      var kind = line.head === undefined ? "" : " (" + phrases.kinds[data.heads[line.head].kind] + ")";
      var item = make("li", {}, line.title + kind + (line.text ? ": " + line.text : ""));
      line.small.concat(line.quoted || []).forEach(function (small) { item.append(make("small", {}, small)); });
      if (line.lines.length) { item.append(listed(line.lines)); }
      list.append(item);
    });
    return list;
  }

  // ---- Everything again.

  function work() {
    page.before = page.now.day === last ? asIt : supposing.world(read, page.now.day, {});
    page.after = page.supposes() ? supposing.world(read, page.now.day, page.now.chosen) : page.before;
    var change = page.supposes() ? supposing.told(page.before, page.after, page.now.chosen) : null;
    by("day").value = String(page.now.day);
    by("day-told").textContent = data.days[page.now.day].told;
    by("day").setAttribute("aria-valuetext", data.days[page.now.day].told + ": " + resultLine(page.before));
    by("live").hidden = !change && page.now.day === last;
    document.documentElement.classList.toggle("changed", !by("live").hidden);
    by("live-told").textContent = change ? change.answer : "As at " + data.days[page.now.day].told + ": " + resultLine(page.before);
    by("stepping").hidden = page.now.step < 0;
    groups(change);
    table();
    switchesShown();
    options();
    drawing.draw();
    if (page.now.step >= 0) { showStep(); }
  }

  function table() {
    var moved = {};
    if (page.supposes()) { supposing.changes(page.before, page.after).forEach(function (one) { moved[one.head] = one.mark; }); }
    document.querySelectorAll("#standing [data-head]").forEach(function (row) {
      var head = Number(row.dataset.head);
      row.classList.toggle("moved", head in moved);
      row.lastElementChild.textContent = !(head in moved) ? page.after.stood(head) : phrases.marks[moved[head]] + ": " +
        supposing.fill(phrases.then, page.before.stood(head), page.after.stood(head));
      var note = row.querySelector("th small");
      if (note) { note.hidden = page.supposes() || page.now.day !== last; }
    });
  }

  function switchesShown() {
    document.querySelectorAll("[data-switch]").forEach(function (box) {
      var at = box.dataset.switch;
      box.classList.toggle("on", at in page.now.chosen);
      box.querySelector("select").value = at in page.now.chosen ? String(page.now.chosen[at]) : "";
    });
  }

  // What can be shown: first what the page opens with, then everything, each with how it stands.
  function options() {
    var select = by("pick");
    var value = page.now.pick;
    select.replaceChildren(make("option", {value: ""}, "The answer: " + resultLine(page.after)),
                           make("option", {value: "all"}, "Everything that holds"));
    Object.keys(phrases.kinds).forEach(function (kind) {
      var group = make("optgroup", {label: phrases.kinds[kind][0].toUpperCase() + phrases.kinds[kind].slice(1)});
      data.order.concat(data.results).filter(function (head) { return data.heads[head].kind === kind; }).forEach(function (head) {
        group.append(make("option", {value: head}, data.heads[head].title + ": " + page.after.stood(head)));
      });
      select.append(group);
    });
    select.value = value;
  }

  function pick() {
    page.now.pick = by("pick").value;
    page.now.step = -1;
    page.now.kept = "";
    by("detail").hidden = true;
    work();
    drawing.top();
  }

  // ---- Step by step.

  function showStep() {
    var at = page.now.step;
    var item = document.querySelectorAll("#trace > li")[at];
    by("detail").hidden = true;
    drawing.fade(data.steps.slice(0, at), at ? "h" + data.steps[at - 1] : "");
    by("step-count").textContent = at ? "Step " + at + " of " + data.steps.length : "At the start";
    by("step-told").replaceChildren.apply(by("step-told"), Array.from(item.cloneNode(true).childNodes));
    by("step-back").disabled = at === 0;
    by("step-on").disabled = at === data.steps.length;
  }

  function step(to) {
    page.now = {pick: page.now.pick, day: last, chosen: {}, kept: "", step: to};
    by("detail").hidden = true;
    work();
  }

  // ---- What readers do.

  function listen() {
    var picture = by("picture");
    picture.addEventListener("mouseover", function (event) {
      var key = drawing.keyOf(event.target);
      if (key && !page.now.kept && page.now.step < 0) { tell(key); }
    });
    picture.addEventListener("focusin", function (event) {
      var key = drawing.keyOf(event.target);
      if (key && key !== page.now.kept && page.now.step < 0) { drawing.keep(""); tell(key); }
    });
    picture.addEventListener("click", function (event) {
      var key = drawing.keyOf(event.target);
      if (page.now.step < 0) { drawing.keep(key === page.now.kept ? "" : key); }
    });
    picture.addEventListener("keydown", function (event) {
      var key = drawing.keyOf(event.target);
      if (!key) { return; }
      if (event.key === "Enter" || event.key === " ") {
        drawing.keep(key === page.now.kept ? "" : key);
        event.preventDefault();
      } else if (event.key === "Escape") {
        drawing.keep("");
      } else if (event.key.indexOf("Arrow") === 0) {
        drawing.moveTo(drawing.beside(key, event.key));
        event.preventDefault();
      }
    });
    by("pick").addEventListener("change", pick);
    by("day").addEventListener("input", function () {
      page.now = {pick: page.now.pick, day: Number(by("day").value), chosen: {}, kept: "", step: -1};
      by("detail").hidden = true;
      work();
    });
    by("back").addEventListener("click", function () {
      page.now = {pick: page.now.pick, day: last, chosen: {}, kept: "", step: -1};
      work();
      by("pick").focus();
    });
    by("step").addEventListener("click", function () { step(0); by("step-on").focus(); });
    by("step-on").addEventListener("click", function () { step(Math.min(page.now.step + 1, data.steps.length)); });
    by("step-back").addEventListener("click", function () { step(Math.max(page.now.step - 1, 0)); });
    by("step-end").addEventListener("click", function () { step(-1); by("step").focus(); });
  }

  function open() {
    document.documentElement.classList.add("js");
    ["switches", "keys"].forEach(function (id) { by(id).hidden = false; });
    by("drawing").setAttribute("role", "group");
    data.switches.forEach(function (one, at) {
      by(one.options[0].gone.length ? "switches-held" : "switches-rest").append(switchOf(at, "switch"));
    });
    by("switches-more").textContent = "What nothing on file decides, and could be supposed (" +
      by("switches-rest").childNodes.length + ")";
    listen();
    work();
    drawing.top();
    next(function () { document.documentElement.classList.add("whole"); });
  }

  open();
};

(function () {
  "use strict";
  // After the view that is due has been shown.
  function next(work) { requestAnimationFrame(function () { setTimeout(work); }); }

  // First what is seen first, then what the page can do, then all that is below. Opened at one of its parts it is whole
  // before it is shown.
  if (location.hash) { report(next); } else { next(function () { report(next); }); }
})();

// The page that travels: choose what is shown, the day, and what is supposed; everything is worked out again here.
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var read = supposing.reader(JSON.parse(document.getElementById("data").textContent));
  var data = read.data;
  var phrases = data.phrases;
  var last = data.days.length - 1;
  var asIt = supposing.world(read, last, {});
  var now = {pick: "", day: last, chosen: {}, kept: "", step: -1};
  var before = asIt;
  var after = asIt;
  var drawn = null;
  var tabbed = "";
  var told = "";

  function by(id) { return document.getElementById(id); }

  function make(name, attributes, text) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function svg(name, attributes, text) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function number(key) { return Number(key.slice(1)); }
  function isHead(key) { return key[0] === "h"; }
  function supposes() { return Object.keys(now.chosen).length > 0; }
  function resultLine(it) { return supposing.resultTold(it); }

  // ---- What is shown: the cards of a picture, and what is said on each.

  function standing(it) {
    var asked = it.results.filter(function (head) { return data.questions.includes(head); });
    var held = data.order.filter(function (head) { return supposing.SHOWN.includes(it.headState(head)); });
    var channels = held.filter(function (head) { return data.heads[head].kind === "channel"; });
    return asked.length ? asked.concat(channels) : held;
  }

  function roots() {
    if (now.step >= 0) { return data.steps.concat(); }
    if (now.pick === "all") { return all(before).concat(supposes() ? all(after) : []); }
    if (now.pick) { return [Number(now.pick)]; }
    if (!supposes()) { return standing(after); }
    var moved = supposing.changes(before, after).map(function (one) { return one.head; });
    return standing(before).concat(standing(after), moved.filter(stands));
  }

  function stands(head) { return before.standing(head).length + after.standing(head).length > 0; }

  function all(it) {
    return data.order.filter(function (head) { return supposing.SHOWN.includes(it.headState(head)); });
  }

  function both() {
    var some = Array.from(new Set(roots()));
    function of(it) {  // what stands in one of the two only is drawn as it stands there
      return chain.graph(it, some.filter(function (head) { return it.standing(head).length || !stands(head); }));
    }
    var found = of(after);
    var old = supposes() ? of(before) : found;
    if (supposes()) {  // and what leads to it on one side is shown as it stands on the other
      some = Array.from(new Set(some.concat(Object.keys(Object.assign({}, old.cards, found.cards)).filter(isHead).map(number))));
      found = of(after);
      old = of(before);
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
    if (supposes()) {
      supposing.changes(before, after).forEach(function (one) { found["h" + one.head] = phrases.marks[one.mark]; });
      supposing.restood(before, after).forEach(function (head) { found["h" + head] = phrases.marks[3]; });
      [[after, before, 0], [before, after, 1]].forEach(function (one) {
        one[0].results.filter(function (head) { return !one[1].results.includes(head); }).forEach(function (head) {
          found["h" + head] = phrases.marks[one[2]];
        });
      });
      Object.keys(now.chosen).forEach(function (at) {
        var option = data.switches[at].options[now.chosen[at]];
        data.switches[at].tests.forEach(function (test) {
          found["t" + test] = phrases.evidence[option.added.length ? 0 : 1];
        });
      });
    }
    return found;
  }

  function valueOf(test) {
    return after.values[test] || (supposes() ? before.values[test] : "") || "";
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
      add(now.step < 0 ? after.stood(number(key), "card") : phrases.kinds[data.heads[number(key)].kind], 28, "state");
      return rows;
    }
    if (valueOf(number(key))) { add(valueOf(number(key)), 20, "name"); }
    add(data.tests[number(key)].title, 24, "said");
    if (mark) { add(mark, 25, "mark"); }
    if (after.testState(number(key)) !== "present") { add(phrases.test[after.testState(number(key))], 28, "state"); }
    return rows;
  }

  function isMet(key) {
    return supposing.SHOWN.includes(isHead(key) ? after.headState(number(key)) : after.testState(number(key)));
  }

  // Without what the one conclusion in the picture, or the result, would not stand; as it is, on the page's own day.
  function heavy(some) {
    var top = some.length === 1 || (some.length && data.results.includes(some[0])) ? some[0] : -1;
    if (supposes() || now.day !== last || now.step >= 0 || !data.heavy[top]) { return []; }
    return data.heavy[top].concat("h" + top);
  }

  // ---- The picture.

  function draw() {
    var found = both();
    var marked = marks();
    var rows = {};
    var needed = heavy(Array.from(new Set(roots())));
    var keys = Object.keys(found.cards);
    var drawing = by("drawing");
    if (!drawing) { return; }
    keys.forEach(function (key) { rows[key] = rowsOf(key, marked); });
    var placed = chain.layout(found, function (key) { return rows[key].length; }, function (key) {
      return (isHead(key) ? 0 : 1000) + number(key);
    });
    var cards = svg("g", {id: "cards"});
    drawn = {cards: {}, lines: [], places: placed.cards, order: placed.cards.map(function (card) { return card.key; })};
    placed.lines.forEach(function (line) {
      var led = found.links[line.ends.join(" ")];
      var looks = line.looks + (needed.includes(line.ends[0]) && needed.includes(line.ends[1]) ? " heavy" : "") +
        (led.comes && supposes() ? " comes" : "");
      var path = svg("path", {"class": looks, d: line.path, "marker-end": "url(#" + (led.stops ? "stop" : "arrow") + ")"});
      cards.append(path);
      drawn.lines.push({ends: line.ends, path: path});
    });
    placed.cards.forEach(function (card) {
      var made = drawCard(card, rows[card.key], marked[card.key]);
      drawn.cards[card.key] = made;
      cards.append(made);
    });
    by("cards").replaceWith(cards);
    size(drawing, placed);
    if (!drawn.cards[tabbed]) { tabbed = drawn.order[drawn.order.length - 1] || ""; }
    if (tabbed) { drawn.cards[tabbed].setAttribute("tabindex", "0"); }
    if (now.step >= 0) { showStep(); }
    if (now.step < 0) { keep(now.kept in drawn.cards ? now.kept : ""); } else { drawing.classList.remove("near"); }
  }

  function size(drawing, placed) {
    var width = Math.max(placed.width, chain.WIDTH) + 4;
    var height = Math.max(placed.height, chain.ROW) + 4;
    drawing.setAttribute("width", width);
    drawing.setAttribute("height", height);
    drawing.setAttribute("viewBox", "-2 -2 " + width + " " + height);
  }

  function drawCard(card, rows, mark) {
    var key = card.key;
    var one = isHead(key) ? data.heads[number(key)] : data.tests[number(key)];
    var going = mark === phrases.marks[1] || mark === phrases.evidence[1];
    var looks = "card " + (isHead(key) ? one.kind : "evidence") + (isMet(key) ? "" : " unmet") +
      (going ? " goes" : mark && mark !== phrases.marks[3] ? " comes" : "");
    var made = svg("g", {"class": looks, role: "button", tabindex: "-1", "data-key": key, "aria-pressed": "false",
                         "aria-label": rows.map(function (row) { return row[0]; }).join(" ")});
    made.append(svg("rect", {"class": "frame", x: card.x, y: card.y, width: chain.WIDTH, height: card.height, rx: 2}));
    var band = data.categories.indexOf(one.letter);
    if (band >= 0) {
      made.append(svg("rect", {"class": "band-" + band, x: card.x, y: card.y, width: chain.BAND, height: card.height}));
      made.append(svg("text", {"class": "letter", x: card.x + chain.BAND / 2, y: card.y + card.height / 2 + 5}, one.letter));
    }
    rows.forEach(function (row, at) {
      made.append(svg("text", {"class": row[1], x: card.x + chain.BAND + chain.PAD,
                               y: card.y + chain.PAD + chain.ROW * (at + 1) - 4}, row[0]));
    });
    made.append(svg("rect", {"class": "focus", x: card.x + 3, y: card.y + 3, width: chain.WIDTH - 6, height: card.height - 6}));
    return made;
  }

  // The cards that lead to a card, and those that it leads to.
  function near(key) {
    var found = [key];
    function follow(from, to) {
      var stack = [key];
      while (stack.length) {
        var at = stack.pop();
        drawn.lines.forEach(function (line) {
          if (line.ends[from] === at && !found.includes(line.ends[to])) {
            found.push(line.ends[to]);
            stack.push(line.ends[to]);
          }
        });
      }
    }
    follow(1, 0);
    if (!isHead(key)) { follow(0, 1); }
    return found;
  }

  function keep(key) {
    now.kept = key;
    var some = key ? near(key) : [];
    by("drawing").classList.toggle("near", Boolean(key));
    drawn.order.forEach(function (one) {
      drawn.cards[one].classList.toggle("on", some.includes(one));
      drawn.cards[one].classList.toggle("kept", one === key);
      drawn.cards[one].setAttribute("aria-pressed", String(one === key));
    });
    drawn.lines.forEach(function (line) {
      line.path.classList.toggle("on", some.includes(line.ends[0]) && some.includes(line.ends[1]));
    });
    if (key) { tell(key); }
  }

  // ---- What is said of one card.

  function paragraph(text, small) { return make("p", small ? {"class": "small"} : {}, text); }

  function tell(key) {
    var box = by("detail");
    told = key;
    box.hidden = now.step >= 0;
    box.replaceChildren();
    (isHead(key) ? tellHead : tellTest)(box, number(key));
  }

  function tellHead(box, head) {
    var one = data.heads[head];
    var state = after.headState(head);
    var rules = supposing.rulesOf(after, head);
    box.append(make("h3", {}, one.title), paragraph(phrases.kinds[one.kind] + ": " + after.stood(head)));
    var because = rules.length ? data.texts[rules[rules.length - 1][4]] : "";
    if (because && state === "present") { box.append(paragraph(because)); }
    if (state !== "present") { box.append(paragraph(phrases.sentence[state].replace("{because}", because))); }
    var every = rules.length ? rules : data.rules.filter(function (rule) { return rule[1] === head && rule[2] >= 0; });
    box.append(paragraph((rules.length ? "By the rule: " : "Rules that could give it: ") + Array.from(new Set(
      every.map(function (rule) { return data.texts[one.kind === "signature" ? rule[5] : rule[3]]; }))).join("; "), true));
    if (data.texts[one.act]) { box.append(paragraph("Who can act: " + data.texts[one.act], true)); }
    if (String(head) !== now.pick && now.step < 0) {
      var only = make("button", {type: "button"}, "Show only what leads to this");
      only.addEventListener("click", function () {
        now.kept = "";
        by("pick").value = String(head);
        pick();
        by("pick").focus();
      });
      box.append(make("p", {}), only);
    }
  }

  function tellTest(box, test) {
    var one = data.tests[test];
    var state = after.testState(test);
    var sides = [];
    data.program.pairs.forEach(function (pair, at) {
      if (pair[0] === test && !pair[1]) { sides = (after.evidence.sides[at] || "|").split("|"); }
    });
    box.append(make("h3", {}, one.title + (after.values[test] ? ": " + after.values[test] : "")));
    var mark = marks()["t" + test];
    if (mark) { box.append(make("p", {}, mark)); }
    box.append(paragraph(phrases.test[state] + "; " + data.texts[now.day === last ? one.asks : data.texts[one.plain] ? one.plain : one.asks]));
    var list = make("ul");
    sides.join(".").split(".").filter(Boolean).forEach(function (at) {
      var item = make("li", {}, data.told[parseInt(at, 36)].words);
      item.append(make("small", {}, data.told[parseInt(at, 36)].cited || phrases.evidence[0]));
      list.append(item);
    });
    if (list.childNodes.length) { box.append(list); }
    if (state === "not known" && now.day === last && !supposes()) { box.append(paragraph(data.texts[one.gap])); }
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
    select.value = at in now.chosen ? String(now.chosen[at]) : "";
    select.addEventListener("change", function () { suppose(at, select.value, select.id); });
    box.classList.toggle("on", at in now.chosen);
    box.append(label, select);
    return box;
  }

  function suppose(at, value, id) {
    if (value === "") { delete now.chosen[at]; } else { now.chosen[at] = Number(value); }
    now.step = -1;
    now.day = last;
    now.kept = "";
    work();
    if (told && !by("detail").hidden) { tell(told); }
    if (id.indexOf("detail") === 0 && by(id)) { by(id).focus(); }  // it was made anew
  }

  function groups(change) {
    var box = by("supposed");
    box.hidden = !supposes();
    box.replaceChildren();
    if (!supposes()) { return; }
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
    before = now.day === last ? asIt : supposing.world(read, now.day, {});
    after = supposes() ? supposing.world(read, now.day, now.chosen) : before;
    var change = supposes() ? supposing.told(before, after, now.chosen) : null;
    by("day").value = String(now.day);
    by("day-told").textContent = data.days[now.day].told;
    by("day").setAttribute("aria-valuetext", data.days[now.day].told + ": " + resultLine(before));
    by("live").hidden = !change && now.day === last;
    document.documentElement.classList.toggle("changed", !by("live").hidden);
    by("live-told").textContent = change ? change.answer : "As at " + data.days[now.day].told + ": " + resultLine(before);
    by("stepping").hidden = now.step < 0;
    groups(change);
    table();
    switchesShown();
    options();
    draw();
  }

  function table() {
    var moved = {};
    if (supposes()) { supposing.changes(before, after).forEach(function (one) { moved[one.head] = one.mark; }); }
    document.querySelectorAll("#standing [data-head]").forEach(function (row) {
      var head = Number(row.dataset.head);
      row.classList.toggle("moved", head in moved);
      row.lastElementChild.textContent = !(head in moved) ? after.stood(head) : phrases.marks[moved[head]] + ": " +
        supposing.fill(phrases.then, before.stood(head), after.stood(head));
      var note = row.querySelector("th small");
      if (note) { note.hidden = supposes() || now.day !== last; }
    });
  }

  function switchesShown() {
    document.querySelectorAll("[data-switch]").forEach(function (box) {
      var at = box.dataset.switch;
      box.classList.toggle("on", at in now.chosen);
      box.querySelector("select").value = at in now.chosen ? String(now.chosen[at]) : "";
    });
  }

  // What can be shown: first what the page opens with, then everything, each with how it stands.
  function options() {
    var select = by("pick");
    var value = now.pick;
    select.replaceChildren(make("option", {value: ""}, "The answer: " + resultLine(after)),
                           make("option", {value: "all"}, "Everything that holds"));
    Object.keys(phrases.kinds).forEach(function (kind) {
      var group = make("optgroup", {label: phrases.kinds[kind][0].toUpperCase() + phrases.kinds[kind].slice(1)});
      data.order.concat(data.results).filter(function (head) { return data.heads[head].kind === kind; }).forEach(function (head) {
        group.append(make("option", {value: head}, data.heads[head].title + ": " + after.stood(head)));
      });
      select.append(group);
    });
    select.value = value;
  }

  function pick() {
    now.pick = by("pick").value;
    now.step = -1;
    now.kept = "";
    by("detail").hidden = true;
    work();
    top();
  }

  // The end of the chain comes into view, half-way down.
  function top() {
    var frame = by("picture");
    var end = drawn && drawn.places[drawn.places.length - 1];
    if (end) { frame.scrollTop = Math.max(end.y + end.height / 2 - frame.clientHeight / 2, 0); }
  }

  // ---- Step by step.

  function showStep() {
    var done = data.steps.slice(0, now.step);
    by("detail").hidden = true;
    var item = document.querySelectorAll("#trace > li")[now.step];
    var shown = {};
    done.forEach(function (head) { shown["h" + head] = true; });
    drawn.lines.forEach(function (line) { if (shown[line.ends[1]] && !isHead(line.ends[0])) { shown[line.ends[0]] = true; } });
    drawn.order.forEach(function (key) { drawn.cards[key].classList.toggle("later", !shown[key]); });
    drawn.lines.forEach(function (line) {
      line.path.classList.toggle("later", !shown[line.ends[0]] || !shown[line.ends[1]]);
    });
    var fired = "h" + data.steps[now.step - 1];
    drawn.order.forEach(function (key) { drawn.cards[key].classList.toggle("kept", now.step > 0 && key === fired); });
    by("step-count").textContent = now.step ? "Step " + now.step + " of " + data.steps.length : "At the start";
    by("step-told").replaceChildren.apply(by("step-told"), Array.from(item.cloneNode(true).childNodes));
    by("step-back").disabled = now.step === 0;
    by("step-on").disabled = now.step === data.steps.length;
  }

  function step(to) {
    now = {pick: now.pick, day: last, chosen: {}, kept: "", step: to};
    by("detail").hidden = true;
    work();
  }

  // ---- What readers do.

  function keyOf(target) {
    var card = target.closest ? target.closest("[data-key]") : null;
    return card ? card.dataset.key : "";
  }

  function moveTo(key) {
    drawn.cards[tabbed].setAttribute("tabindex", "-1");
    tabbed = key;
    drawn.cards[key].setAttribute("tabindex", "0");
    drawn.cards[key].focus();
    drawn.cards[key].scrollIntoView({block: "nearest", inline: "nearest"});
  }

  // The next card up, down, left or right of one: the nearest by its middle.
  function beside(key, way) {
    var here = drawn.places.find(function (card) { return card.key === key; });
    var middle = here.y + here.height / 2;
    var best = drawn.places.filter(function (card) {
      var down = card.y + card.height / 2 - middle;
      return {ArrowUp: card.x === here.x && down < 0, ArrowDown: card.x === here.x && down > 0,
              ArrowLeft: card.x < here.x, ArrowRight: card.x > here.x}[way];
    }).sort(function (a, b) {
      return Math.abs(a.x - here.x) - Math.abs(b.x - here.x) ||
        Math.abs(a.y + a.height / 2 - middle) - Math.abs(b.y + b.height / 2 - middle);
    })[0];
    return best ? best.key : key;
  }

  function listen() {
    var picture = by("picture");
    picture.addEventListener("mouseover", function (event) {
      var key = keyOf(event.target);
      if (key && !now.kept && now.step < 0) { tell(key); }
    });
    picture.addEventListener("focusin", function (event) {
      var key = keyOf(event.target);
      if (key && key !== now.kept && now.step < 0) { keep(""); tell(key); }
    });
    picture.addEventListener("click", function (event) {
      var key = keyOf(event.target);
      if (now.step < 0) { keep(key === now.kept ? "" : key); }
    });
    picture.addEventListener("keydown", function (event) {
      var key = keyOf(event.target);
      if (!key) { return; }
      if (event.key === "Enter" || event.key === " ") {
        keep(key === now.kept ? "" : key);
        event.preventDefault();
      } else if (event.key === "Escape") {
        keep("");
      } else if (event.key.indexOf("Arrow") === 0) {
        moveTo(beside(key, event.key));
        event.preventDefault();
      }
    });
    by("pick").addEventListener("change", pick);
    by("day").addEventListener("input", function () {
      now = {pick: now.pick, day: Number(by("day").value), chosen: {}, kept: "", step: -1};
      by("detail").hidden = true;
      work();
    });
    by("back").addEventListener("click", function () {
      now = {pick: now.pick, day: last, chosen: {}, kept: "", step: -1};
      work();
      by("pick").focus();
    });
    by("step").addEventListener("click", function () { step(0); by("step-on").focus(); });
    by("step-on").addEventListener("click", function () { step(Math.min(now.step + 1, data.steps.length)); });
    by("step-back").addEventListener("click", function () { step(Math.max(now.step - 1, 0)); });
    by("step-end").addEventListener("click", function () { step(-1); by("step").focus(); });
  }

  function open() {
    document.documentElement.classList.add("js");
    ["controls", "switches", "keys"].forEach(function (id) { by(id).hidden = false; });
    by("no-script").hidden = true;
    by("drawing").setAttribute("role", "group");
    data.switches.forEach(function (one, at) {
      by(one.options[0].gone.length ? "switches-held" : "switches-rest").append(switchOf(at, "switch"));
    });
    by("switches-more").textContent = "What nothing on file decides, and could be supposed (" +
      by("switches-rest").childNodes.length + ")";
    listen();
    work();
    top();
  }

  open();
})();

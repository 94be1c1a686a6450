// The picture in the page: drawn anew whenever something changes, and followed with the pointer or the keyboard alone.
// `shown`: what there is to draw (cards.js); `tell`: says in words what is known of one card.
var picture = function (page, shown, tell) {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var data = page.data;
  var phrases = page.phrases;
  var drawn = null;
  var tabbed = "";

  function by(id) { return document.getElementById(id); }

  function svg(name, attributes, text) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function draw() {
    var found = shown.both();
    var marked = shown.marks();
    var rows = {};
    var needed = shown.heavy();
    var keys = Object.keys(found.cards);
    var drawing = by("drawing");
    keys.forEach(function (key) { rows[key] = shown.rowsOf(key, marked); });
    var placed = chain.layout(found, function (key) { return rows[key].length; }, function (key) {
      return (shown.isHead(key) ? 0 : 1000) + shown.number(key);
    });
    var group = svg("g", {id: "cards"});
    drawn = {cards: {}, lines: [], places: placed.cards, order: placed.cards.map(function (card) { return card.key; })};
    placed.lines.forEach(function (line) {
      var led = found.links[line.ends.join(" ")];
      var looks = line.looks + (needed.includes(line.ends[0]) && needed.includes(line.ends[1]) ? " heavy" : "") +
        (led.comes && page.supposes() ? " comes" : "");
      var path = svg("path", {"class": looks, d: line.path, "marker-end": "url(#" + (led.stops ? "stop" : "arrow") + ")"});
      group.append(path);
      drawn.lines.push({ends: line.ends, path: path});
    });
    placed.cards.forEach(function (card) {
      var made = drawCard(card, rows[card.key], marked[card.key]);
      drawn.cards[card.key] = made;
      group.append(made);
    });
    by("cards").replaceWith(group);
    size(drawing, placed);
    if (!drawn.cards[tabbed]) { tabbed = drawn.order[drawn.order.length - 1] || ""; }
    if (tabbed) { drawn.cards[tabbed].setAttribute("tabindex", "0"); }
    if (page.now.step < 0) { keep(page.now.kept in drawn.cards ? page.now.kept : ""); } else { drawing.classList.remove("near"); }
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
    var one = shown.isHead(key) ? data.heads[shown.number(key)] : data.tests[shown.number(key)];
    var going = mark === phrases.marks[1] || mark === phrases.evidence[1];
    var looks = "card " + (shown.isHead(key) ? one.kind : "evidence") + (shown.isMet(key) ? "" : " unmet") +
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
    if (!shown.isHead(key)) { follow(0, 1); }
    return found;
  }

  function keep(key) {
    page.now.kept = key;
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

  // Of a picture that is built step by step: what is there so far, and what came last.
  function fade(done, last) {
    var there = {};
    done.forEach(function (head) { there["h" + head] = true; });
    drawn.lines.forEach(function (line) {
      if (there[line.ends[1]] && !shown.isHead(line.ends[0])) { there[line.ends[0]] = true; }
    });
    drawn.order.forEach(function (key) {
      drawn.cards[key].classList.toggle("later", !there[key]);
      drawn.cards[key].classList.toggle("kept", key === last);
    });
    drawn.lines.forEach(function (line) {
      line.path.classList.toggle("later", !there[line.ends[0]] || !there[line.ends[1]]);
    });
  }

  // The end of the chain comes into view, half-way down.
  function top() {
    var frame = by("picture");
    var end = drawn && drawn.places[drawn.places.length - 1];
    if (end) { frame.scrollTop = Math.max(end.y + end.height / 2 - frame.clientHeight / 2, 0); }
  }

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

  return {draw: draw, keep: keep, fade: fade, top: top, keyOf: keyOf, moveTo: moveTo, beside: beside};
};

// The chain of evidence as a picture: which cards, what leads to what, and where each stands. It does what web/chain.py
// does, for whatever is supposed and on whatever day; a test holds the two against each other.
var chain = (function () {
  "use strict";
  var WIDTH = 188, ACROSS = 34, DOWN = 10, ROW = 16, PAD = 8, BAND = 18, SWEEPS = 3;
  var COLUMNS = {signature: 1, mechanism: 2, picture: 3, result: 4, channel: 4};

  // What leads to some heads. `world`: data, program, planes, proofs, `standing` and `nodesOf` (the nodes of a head, lowest level first).
  function graph(world, roots) {
    var nodes = world.program.nodes;
    var planes = world.planes;
    var proofs = world.proofs;
    var done = proofs.map(function () { return new Set(); });
    var cards = {};
    var links = {};

    function headCard(head) {
      cards["h" + head] = COLUMNS[world.data.heads[head].kind];
      return "h" + head;
    }

    function link(mark, target, met, stops) {
      var node = nodes[mark >> 1];
      if (node.atom && node.atom.both) { return; }
      var source = node.atom ? "t" + node.atom.tests[0] : headCard(node.head);
      if (node.atom) { cards[source] = 0; }
      if (source === target) { return; }
      var key = source + " " + target;
      var held = links[key] || {met: false, stops: false};
      links[key] = {met: held.met || met, stops: held.stops || stops};
    }

    function premises(proof, mark) {
      var stack = proof.below(mark).slice();
      var seen = new Set();
      var found = [];
      while (stack.length) {
        var at = stack.pop();
        if (!seen.has(at)) {
          seen.add(at);
          var node = nodes[at >> 1];
          if (node.atom || node.head >= 0) { found.push(at); } else { stack = stack.concat(proof.below(at)); }
        }
      }
      return found;
    }

    function proved(mark) {
      proofs.forEach(function (proof, at) {
        proof.used(mark).forEach(function (used) {
          if (nodes[used >> 1].head >= 0 && !done[at].has(used)) {
            done[at].add(used);
            var target = headCard(nodes[used >> 1].head);
            premises(proof, used).forEach(function (premise) { link(premise, target, true, false); });
          }
        });
      });
    }

    function asks(mark) {
      var node = nodes[mark >> 1];
      if (node.atom || node.head >= 0) { return [mark]; }
      var side = node.op === "n" ? 1 - (mark & 1) : mark & 1;
      return node.args.reduce(function (found, arg) { return found.concat(asks(2 * arg + side)); }, []);
    }

    function asked(rule, target) {
      var args = nodes[rule].args;
      var wanted = asks(2 * args[0]).map(function (mark) { return [mark, false]; });
      args.slice(1).forEach(function (exception) {
        if (planes[exception][0]) {
          wanted = wanted.concat(asks(2 * exception).map(function (mark) { return [mark, true]; }));
        }
      });
      wanted.forEach(function (one) {
        var met = Boolean(planes[one[0] >> 1][one[0] & 1]);
        if (met || !one[1]) { link(one[0], target, met, one[1]); }
        if (met && !nodes[one[0] >> 1].atom) { proved(one[0]); }
      });
    }

    roots.forEach(function (head) {
      var target = headCard(head);
      var standing = world.standing(head);
      standing.forEach(function (node) { proved(2 * node); });
      if (!standing.length) {
        world.nodesOf(head).forEach(function (node) {
          nodes[node].args.slice(0, nodes[node].k).forEach(function (rule) { asked(rule, target); });
        });
      }
    });
    return {cards: cards, links: links};
  }

  // Where each card stands; `rows`: how many lines of text a card has; `ordinal`: the order to begin with. A line that goes
  // past a column is led through it between the cards: what it goes through is a card of no height.
  function layout(found, rows, ordinal) {
    var ends = Object.keys(found.links).sort(byLink).map(function (key) { return key.split(" "); });
    var columns = inColumns(found.cards, ends, ordinal);
    var routes = routesOf(ends, columns);
    var heights = {};
    var sources = {};
    var targets = {};
    var place = {};
    var tops = {};
    var every = [];
    columns.forEach(function (column) {
      column.forEach(function (key) {
        heights[key] = key in found.cards ? rows(key) * ROW + 2 * PAD : 0;
        sources[key] = [];
        targets[key] = [];
      });
    });
    routes.forEach(function (route) {
      for (var i = 1; i < route.length; i += 1) {
        if (!sources[route[i]].includes(route[i - 1])) { sources[route[i]].push(route[i - 1]); }
        if (!targets[route[i - 1]].includes(route[i])) { targets[route[i - 1]].push(route[i]); }
      }
    });
    columns.forEach(shares);

    function shares(column) { column.forEach(function (key, at) { place[key] = (at + 0.5) / column.length; }); }

    function sweep(near, order) {
      order.forEach(function (column) {
        var wanted = {};
        column.forEach(function (key) {
          wanted[key] = mean(near[key].map(function (other) { return place[other]; }), place[key]);
        });
        column.sort(function (a, b) { return wanted[a] - wanted[b]; });
        shares(column);
      });
    }

    for (var i = 0; i < SWEEPS; i += 1) {
      sweep(targets, columns.slice().reverse());
      sweep(sources, columns);
    }
    columns.forEach(function (column) { stack(column, heights, tops, sources); });
    columns.forEach(function (column, at) {
      column.forEach(function (key) {
        every.push({key: key, x: at * (WIDTH + ACROSS), y: tops[key], height: heights[key]});
      });
    });
    var cards = every.filter(function (card) { return card.key in found.cards; });
    return {cards: cards, lines: lines(found, routes, every), width: Math.max(columns.length * (WIDTH + ACROSS) - ACROSS, 0),
            height: cards.reduce(function (most, card) { return Math.max(most, card.y + card.height); }, 0)};
  }

  // What each line goes through, its ends included; lines from one card share their way. Adds to the columns.
  function routesOf(ends, columns) {
    var at = {};
    columns.forEach(function (column, number) { column.forEach(function (key) { at[key] = number; }); });
    return ends.map(function (link) {
      var route = [link[0]];
      for (var column = at[link[0]] + 1; column < at[link[1]]; column += 1) {
        var way = link[0] + "~" + column;
        route.push(way);
        if (!columns[column].includes(way)) { columns[column].push(way); }
      }
      return route.concat(link[1]);
    });
  }

  function byLink(a, b) {
    var one = a.split(" ");
    var other = b.split(" ");
    return compare(one[0], other[0]) || compare(one[1], other[1]);
  }

  function compare(a, b) { return a < b ? -1 : a > b ? 1 : 0; }

  function inColumns(cards, ends, ordinal) {
    var at = Object.assign({}, cards);
    var moved = true;
    function move(link) {
      if (at[link[1]] <= at[link[0]]) {
        at[link[1]] = at[link[0]] + 1;
        moved = true;
      }
    }
    while (moved) {
      moved = false;
      ends.forEach(move);
    }
    var used = Array.from(new Set(Object.values(at))).sort(function (a, b) { return a - b; });
    return used.map(function (column) {
      return Object.keys(at).filter(function (key) { return at[key] === column; })
        .sort(function (a, b) { return ordinal(a) - ordinal(b); });
    });
  }

  function mean(values, otherwise) {
    var total = 0;
    values.forEach(function (value) { total += value; });
    return values.length ? total / values.length : otherwise;
  }

  function stack(column, heights, tops, sources) {
    var found = {};
    var bottom = 0;
    var drift = 0;
    column.forEach(function (key) {
      var middles = sources[key].filter(function (source) { return source in tops; })
        .map(function (source) { return tops[source] + heights[source] / 2; });
      var wanted = mean(middles, bottom + heights[key] / 2) - heights[key] / 2;
      found[key] = Math.max(wanted, bottom);
      drift += found[key] - wanted;
      bottom = found[key] + heights[key] + DOWN;
    });
    var up = Math.min(found[column[0]], drift / column.length);
    column.forEach(function (key) { tops[key] = rounded(found[key] - up); });
  }

  function lines(found, routes, cards) {
    var by = {};
    var told = [];
    cards.forEach(function (card) { by[card.key] = card; });
    function before(route) { return by[route[route.length - 2]]; }
    function led(route) { return found.links[route[0] + " " + route[route.length - 1]]; }
    cards.forEach(function (card) {
      var into = routes.filter(function (route) { return route[route.length - 1] === card.key; });
      var side = into.filter(function (route) { return !led(route).stops; })
        .sort(function (a, b) { return middle(before(a)) - middle(before(b)); });
      into.forEach(function (route, at) {
        var one = led(route);
        var last = before(route);
        var path = pathOf(route.slice(0, -1).map(function (key) { return by[key]; }));
        path += one.stops
          ? rise(last.x + WIDTH, middle(last), rounded(card.x + WIDTH * (at + 1) / (into.length + 1)), card.y + card.height)
          : curve(last.x + WIDTH, middle(last), card.x,
                  rounded(card.y + card.height * (side.indexOf(route) + 1) / (side.length + 1)));
        told.push({ends: [route[0], card.key], path: path,
                   looks: "line" + (one.stops ? " stops" : "") + (one.met ? "" : " unmet")});
      });
    });
    return told;
  }

  // The way of a line through the columns that it goes past, up to the last.
  function pathOf(cards) {
    return cards.slice(1).map(function (card, at) {
      return curve(cards[at].x + WIDTH, middle(cards[at]), card.x, middle(card)) + "H" + (card.x + WIDTH);
    }).join("");
  }

  function middle(card) { return rounded(card.y + card.height / 2); }

  function rounded(value) { return Math.floor(value * 10 + 0.5) / 10; }

  function curve(x1, y1, x2, y2) {
    var half = (x2 - x1) / 2;
    return "M" + x1 + " " + y1 + "C" + (x1 + half) + " " + y1 + " " + (x2 - half) + " " + y2 + " " + x2 + " " + y2;
  }

  function rise(x1, y1, x2, y2) {
    return "M" + x1 + " " + y1 + "C" + x2 + " " + y1 + " " + x2 + " " + y1 + " " + x2 + " " + y2;
  }

  function wrap(text, letters) {
    var lines = [];
    var line = "";
    text.split(" ").forEach(function (word) {
      while ((line && line.length + 1 + word.length > letters) || word.length > letters) {
        if (line) {
          lines.push(line);
          line = "";
        } else {
          lines.push(word.slice(0, letters));
          word = word.slice(letters);
        }
      }
      line = line ? line + " " + word : word;
    });
    if (line) { lines.push(line); }
    return lines.length ? lines : [" "];
  }

  return {graph: graph, layout: layout, wrap: wrap, WIDTH: WIDTH, ROW: ROW, PAD: PAD, BAND: BAND};
})();
if (typeof module !== "undefined") { module.exports = chain; }

// The chain of evidence as a picture: which cards, what leads to what, and where each stands. It does what web/chain.py
// does, for whatever is supposed and on whatever day; a test holds the two against each other.
var chain = (function () {
  "use strict";
  var WIDTH = 204, ACROSS = 44, DOWN = 10, ROW = 16, PAD = 8, BAND = 18, SWEEPS = 3;
  var COLUMNS = {signature: 1, mechanism: 2, picture: 3, result: 4, channel: 4};

  // What leads to some heads. `world`: data, program, planes, and `nodesOf` (the nodes of a head, lowest level first).
  function graph(world, roots) {
    var nodes = world.program.nodes;
    var planes = world.planes;
    var proofs = [0, 1].map(function (reading) { return evaluator.proofs(world.program, planes, reading); });
    var cards = {};
    var links = {};

    function headCard(head) {
      cards["h" + head] = COLUMNS[world.data.heads[head].kind];
      return "h" + head;
    }

    function link(mark, target, met, stops) {
      var node = nodes[mark[0]];
      if (node.atom && node.atom.both) { return; }
      var source = node.atom ? "t" + node.atom.tests[0] : headCard(node.head);
      if (node.atom) { cards[source] = 0; }
      if (source === target) { return; }
      var key = source + " " + target;
      var held = links[key] || {met: false, stops: false};
      links[key] = {met: held.met || met, stops: held.stops || stops};
    }

    function premises(proof, mark) {
      var stack = proof.below(mark);
      var seen = {};
      var found = [];
      while (stack.length) {
        var at = stack.pop();
        if (!seen[at]) {
          seen[at] = true;
          var node = nodes[at[0]];
          if (node.atom || node.head >= 0) { found.push(at); } else { stack = stack.concat(proof.below(at)); }
        }
      }
      return found;
    }

    function proved(mark) {
      proofs.forEach(function (proof) {
        proof.used(mark).forEach(function (used) {
          if (nodes[used[0]].head >= 0) {
            var target = headCard(nodes[used[0]].head);
            premises(proof, used).forEach(function (premise) { link(premise, target, true, false); });
          }
        });
      });
    }

    function asks(mark) {
      var node = nodes[mark[0]];
      if (node.atom || node.head >= 0) { return [mark]; }
      var side = node.op === "n" ? 1 - mark[1] : mark[1];
      return node.args.reduce(function (found, arg) { return found.concat(asks([arg, side])); }, []);
    }

    function asked(rule, target) {
      var args = nodes[rule].args;
      var wanted = asks([args[0], 0]).map(function (mark) { return [mark, false]; });
      args.slice(1).forEach(function (exception) {
        if (planes[exception][0]) {
          wanted = wanted.concat(asks([exception, 0]).map(function (mark) { return [mark, true]; }));
        }
      });
      wanted.forEach(function (one) {
        var met = Boolean(planes[one[0][0]][one[0][1]]);
        if (met || !one[1]) { link(one[0], target, met, one[1]); }
        if (met && !nodes[one[0][0]].atom) { proved(one[0]); }
      });
    }

    roots.forEach(function (head) {
      var target = headCard(head);
      var standing = world.standing(head);
      standing.forEach(function (node) { proved([node, 0]); });
      if (!standing.length) {
        world.nodesOf(head).forEach(function (node) {
          nodes[node].args.slice(0, nodes[node].k).forEach(function (rule) { asked(rule, target); });
        });
      }
    });
    return {cards: cards, links: links};
  }

  // Where each card stands; `rows`: how many lines of text a card has; `rank`: the order to begin with.
  function layout(found, rows, rank) {
    var ends = Object.keys(found.links).sort(byLink).map(function (key) { return key.split(" "); });
    var columns = inColumns(found.cards, ends, rank);
    var heights = {};
    var sources = {};
    var targets = {};
    var place = {};
    var tops = {};
    var cards = [];
    Object.keys(found.cards).forEach(function (key) {
      heights[key] = rows(key) * ROW + 2 * PAD;
      sources[key] = [];
      targets[key] = [];
    });
    ends.forEach(function (link) { sources[link[1]].push(link[0]); targets[link[0]].push(link[1]); });
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
        cards.push({key: key, x: at * (WIDTH + ACROSS), y: tops[key], height: heights[key]});
      });
    });
    return {cards: cards, lines: lines(found, ends, cards), width: Math.max(columns.length * (WIDTH + ACROSS) - ACROSS, 0),
            height: cards.reduce(function (most, card) { return Math.max(most, card.y + card.height); }, 0)};
  }

  function byLink(a, b) {
    var one = a.split(" ");
    var other = b.split(" ");
    return compare(one[0], other[0]) || compare(one[1], other[1]);
  }

  function compare(a, b) { return a < b ? -1 : a > b ? 1 : 0; }

  function inColumns(cards, ends, rank) {
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
        .sort(function (a, b) { return rank(a) - rank(b); });
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

  function lines(found, ends, cards) {
    var by = {};
    var told = [];
    cards.forEach(function (card) { by[card.key] = card; });
    cards.forEach(function (card) {
      var into = ends.filter(function (link) { return link[1] === card.key; });
      var side = into.filter(function (link) { return !found.links[link.join(" ")].stops; })
        .sort(function (a, b) { return by[a[0]].y - by[b[0]].y; });
      into.forEach(function (link, at) {
        var led = found.links[link.join(" ")];
        var source = by[link[0]];
        var start = source.x + WIDTH;
        var middle = rounded(source.y + source.height / 2);
        var path = led.stops
          ? rise(start, middle, rounded(card.x + WIDTH * (at + 1) / (into.length + 1)), card.y + card.height)
          : curve(start, middle, card.x, rounded(card.y + card.height * (side.indexOf(link) + 1) / (side.length + 1)));
        told.push({ends: link, path: path, looks: "line" + (led.stops ? " stops" : "") + (led.met ? "" : " unmet")});
      });
    });
    return told;
  }

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

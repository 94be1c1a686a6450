// The evaluator of a page: what follows from the evidence, by the rules, in both readings of what is disputed.
// It says what the evaluator in Python says (engine/planes.py, bits.py, proofs.py, support.py): a test holds them
// against each other. A plane is a whole number: bit 0 is the first reading, bit 1 the second.
var evaluator = (function () {
  "use strict";
  var BOTH = 3;
  var ANY_AGE = -1;

  function number(text) { return parseInt(text, 36); }

  // The program of a page's data: nodes in dependency order, the atoms among them, and the node of each head.
  function program(data) {
    var nodes = data.nodes.split(" ").map(function (word, at) {
      var parts = word.slice(1).split(":");
      var args = parts[parts.length - 1];
      return {op: word[0], k: parts.length > 1 ? number(parts[0]) : 0, head: -1,
              args: args ? args.split(".").map(function (back) { return at - number(back); }) : []};
    });
    var places = nodes.reduce(function (found, node, at) { return node.op === "t" ? found.concat(at) : found; }, []);
    var pairAt = {};
    data.pairs.forEach(function (pair, at) { pairAt[pair.join(" ")] = at; });
    var atoms = !data.atoms ? [] : data.atoms.split(" ").map(function (word, at) {
      var both = word[0] === "+";
      var numbers = word.slice(both ? 1 : 0).split(".").map(number);
      var context = data.contexts[numbers[0]];
      var atom = {node: places[at], within: context[0], shift: context[1], plus: context[2], both: both,
                  tests: numbers.slice(1)};
      atom.pairs = atom.tests.map(function (test) { return pairAt[test + " " + atom.shift]; });
      nodes[atom.node].atom = atom;
      return atom;
    });
    var heads = !data.heads ? [] : data.heads.split(" ").map(function (word) {
      var numbers = word.split(".").map(number);
      nodes[numbers[0]].head = numbers[1];
      return {node: numbers[0], head: numbers[1], level: numbers[2], now: numbers[3] === 1};
    });
    return {nodes: nodes, atoms: atoms, heads: heads};
  }

  // Of each observation the day from which its age is told, its kind, and its document: "s201811303".
  function observations(text) {
    return !text ? [] : text.split(" ").map(function (word) {
      var day = [word.slice(1, 5), word.slice(5, 7), word.slice(7, 9)].map(Number);
      return [day, word[0], word.slice(9)];
    });
  }

  // How many whole months old a day is on another: the least number of months within which it lies.
  function age(anchor, day) {
    var months = (day[0] - anchor[0]) * 12 + day[1] - anchor[1];
    return day[2] > Math.min(anchor[2], lastDay(day[0], day[1])) ? months + 1 : months;
  }

  function lastDay(year, month) { return new Date(Date.UTC(year, month, 0)).getUTCDate(); }

  function monthsBefore(day, months) {
    var index = day[0] * 12 + day[1] - 1 - months;
    var year = Math.floor(index / 12);
    var month = index - year * 12 + 1;
    return [year, month, Math.min(day[2], lastDay(year, month))];
  }

  // The observations for and against a test, written as "3.a|": numbers to the base of 36.
  function sides(text) {
    return text.split("|").map(function (side) { return side ? side.split(".").map(number) : []; });
  }

  // One date's evidence as atoms look at it; `sides`: of each pair the observations for and against.
  function looking(data, evidence) {
    var seen = {};
    var days = {};
    var parted = {};
    var filed = typeof data.observations === "string" ? observations(data.observations) : data.observations;
    Object.keys(evidence.sides).forEach(function (pair) { parted[pair] = sides(evidence.sides[pair]); });

    function old(observation, shift) {
      days[shift] = days[shift] || monthsBefore(evidence.day, shift);
      var key = observation + " " + shift;
      if (!(key in seen)) { seen[key] = age(filed[observation][0], days[shift]); }
      return seen[key];
    }

    function counts(side, within, shift, plus) {
      if (!side.length) { return false; }
      if (within !== null && !side.some(function (o) { return old(o, shift) <= within; })) { return false; }
      return plus === null || side.some(function (o) {
        return filed[o][1] !== "s" && (plus === ANY_AGE || old(o, 0) <= plus);
      });
    }

    // The observations for and against a test in one reading (0 adverse, 1 favourable).
    function sidesIn(test, pair, reading) {
      var both = parted[pair] || [[], []];
      if (!both[0].length || !both[1].length) { return both; }
      return (reading === 0) === Boolean(data.adverse[test]) ? [both[0], []] : [[], both[1]];
    }

    function counted(atom, at, reading, plus) {
      return sidesIn(atom.tests[at], atom.pairs[at], reading).map(function (side) {
        return counts(side, atom.within, atom.shift, plus) ? side : [];
      });
    }

    function corroborated(atom, reading) {
      var sides = atom.tests.map(function (_, at) { return counted(atom, at, reading, null); });
      var under = sides.reduce(function (found, pair) { return found.concat(pair[0]); }, []);
      if (different(under, 1) > 1 && different(under, 2) > 1) { return [counts(under, null, atom.shift, atom.plus), false]; }
      var judged = sides.every(function (pair) { return pair[0].length || pair[1].length; });
      var beside = sides.reduce(function (found, pair) { return found.concat(pair[0], pair[1]); }, []);
      return [false, judged && counts(beside, null, atom.shift, atom.plus)];
    }

    function different(observations, field) {
      return new Set(observations.map(function (o) { return filed[o][field]; })).size;
    }

    function marks(atom, reading) {
      if (atom.both) { return corroborated(atom, reading); }
      return counted(atom, 0, reading, atom.plus).map(function (side) { return side.length > 0; });
    }

    return {
      plane: function (atom) {
        var first = marks(atom, 0);
        var second = marks(atom, 1);
        return [first[0] + 2 * second[0], first[1] + 2 * second[1]];
      },
      // The observations on one side of an atom's mark in one reading.
      under: function (atom, side, reading) {
        return atom.tests.reduce(function (found, _, at) {
          return found.concat(counted(atom, at, reading, atom.plus)[side]);
        }, []);
      }
    };
  }

  // The planes of every node from those of the atoms, `full` wide: [for, against], node by node.
  function evaluate(program, atoms, full) {
    var planes = [];
    program.atoms.forEach(function (atom, at) { planes[atom.node] = atoms[at]; });
    program.nodes.forEach(function (node, at) {
      if (node.op !== "t") {
        planes[at] = step(node, node.args.map(function (arg) { return planes[arg]; }), full);
      }
    });
    return planes;
  }

  function step(node, args, full) {
    switch (node.op) {
    case "l": return conjunction(args, full);
    case "y": return swap(conjunction(args.map(swap), full));
    case "c": return [atLeast(node.k, args.map(first), full), atLeast(args.length - node.k + 1, args.map(second), full)];
    case "n": return swap(args[0]);
    case "j": return [args[0][0] | args[0][1], 0];
    case "u": return unless(args[0], args.slice(1));
    default: return head(args.slice(0, node.k), args.slice(node.k), full);
    }
  }

  function first(plane) { return plane[0]; }
  function second(plane) { return plane[1]; }
  function swap(plane) { return [plane[1], plane[0]]; }

  function conjunction(args, full) {
    return args.reduce(function (found, plane) { return [found[0] & plane[0], found[1] | plane[1]]; }, [full, 0]);
  }

  function unless(body, exceptions) {
    var shown = exceptions.reduce(function (found, plane) { return found | plane[0]; }, 0);
    return [body[0] & ~shown, body[1] | (body[0] & shown)];
  }

  function head(forIt, againstIt, full) {
    var found = forIt.reduce(function (so, plane) { return [so[0] | plane[0], so[1] & plane[1]]; },
                             [0, forIt.length ? full : 0]);
    return [found[0], againstIt.reduce(function (so, plane) { return so | plane[0]; }, found[1])];
  }

  function atLeast(k, planes, full) {
    if (k <= 0) { return full; }
    if (k > planes.length) { return 0; }
    var reached = new Array(k).fill(0);
    planes.forEach(function (plane) {
      for (var i = k - 1; i > 0; i -= 1) { reached[i] |= reached[i - 1] & plane; }
      reached[0] |= plane;
    });
    return reached[k - 1];
  }

  // The model of one date's evidence: the planes of every node in both readings.
  function model(program, looked) {
    return evaluate(program, program.atoms.map(looked.plane), BOTH);
  }

  function state(plane) {
    var readings = [0, 1].map(function (r) { return marked(plane[0] >> r & 1, plane[1] >> r & 1); });
    if (readings.includes("contested")) { return "contested"; }
    if (readings[0] === readings[1]) { return readings[0]; }
    return readings.includes("present") ? "contested" : "not known";
  }

  function marked(for_, against) {
    return for_ ? (against ? "contested" : "present") : against ? "not found" : "not known";
  }

  // The readings that differ: one, where nothing is disputed.
  function readings(planes) {
    return planes.some(function (plane) { return (plane[0] ^ plane[0] >> 1 | plane[1] ^ plane[1] >> 1) & 1; }) ? [0, 1] : [0];
  }

  // What a mark is made of in one reading: which marks every route to it can use, and what is next below. A mark is
  // twice the number of its node, and one more on the side against.
  function proofs(program, planes, reading) {
    var known = {};

    function holds(mark) { return planes[mark >> 1][mark & 1] >> reading & 1; }
    function marksOf(args, side) { return args.map(function (arg) { return 2 * arg + side; }); }
    function some(marks) { return {k: 1, parts: marks}; }

    function made(mark) {
      var node = program.nodes[mark >> 1];
      var side = mark & 1;
      var args = marksOf(node.args, side);
      switch (node.op) {
      case "t": return null;
      case "l": return {k: side ? 1 : args.length, parts: args};
      case "y": return {k: side ? args.length : 1, parts: args};
      case "c": return {k: Math.max(side ? args.length - node.k + 1 : node.k, 0), parts: args};
      case "n": return some([2 * node.args[0] + 1 - side]);
      case "j": return some(side ? [] : [2 * node.args[0], 2 * node.args[0] + 1]);
      case "u": return side ? defeated(node.args) : some(args.slice(0, 1));
      default: return side ? refuted(node) : some(args.slice(0, node.k));
      }
    }

    function defeated(args) {
      var stopped = {k: 2, parts: [2 * args[0], some(marksOf(args.slice(1), 0))]};
      return some([2 * args[0] + 1, stopped]);
    }

    function refuted(node) {
      var every = node.k ? [{k: node.k, parts: marksOf(node.args.slice(0, node.k), 1)}] : [];
      return some(every.concat(marksOf(node.args.slice(node.k), 0)));
    }

    function isMark(part) { return typeof part === "number"; }

    function possible(choice) {
      return {k: choice.k, parts: choice.parts.map(function (part) { return isMark(part) ? part : possible(part); })
        .filter(function (part) { return isMark(part) ? holds(part) : part.parts.length >= part.k; })};
    }

    function flat(choice) {
      return choice.parts.reduce(function (found, part) { return found.concat(isMark(part) ? part : flat(part)); }, []);
    }

    function below(mark) {
      if (!(mark in known)) {
        var found = made(mark);
        known[mark] = found ? flat(possible(found)) : [];
      }
      return known[mark];
    }

    function used(mark) {
      var stack = [mark];
      var seen = new Set();
      while (stack.length) {
        var at = stack.pop();
        if (!seen.has(at) && holds(at)) {
          seen.add(at);
          below(at).forEach(function (next) { stack.push(next); });
        }
      }
      return Array.from(seen);
    }

    return {holds: holds, below: below, used: used};
  }

  // The observations under every proof that a node holds, in either reading, each once and in order; `both`: the proofs
  // of the readings that differ, where they are there already. Marks may be alike where what is under them is not.
  function support(program, planes, looked, node, both) {
    var found = new Set();
    var known = both || readings(planes).map(function (reading) { return proofs(program, planes, reading); });
    [0, 1].forEach(function (reading) {
      (known[reading] || known[0]).used(2 * node).forEach(function (mark) {
        var atom = program.nodes[mark >> 1].atom;
        if (atom) { looked.under(atom, mark & 1, reading).forEach(found.add, found); }
      });
    });
    return Array.from(found).sort(function (a, b) { return a - b; });
  }

  return {program: program, observations: observations, looking: looking, evaluate: evaluate, model: model, state: state,
          readings: readings, proofs: proofs,
          support: support};
})();
if (typeof module !== "undefined") { module.exports = evaluator; }

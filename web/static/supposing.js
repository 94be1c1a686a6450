// One case as it stands on a day or as supposed, and in words what a supposition changes. The words are the data's:
// they come from where the answers of the command line come from, and a test holds the two against each other.
var supposing = (function () {
  "use strict";
  var SHOWN = ["present", "contested"];

  function fill(text) {
    var told = Array.from(arguments).slice(1);
    return text.replace(/\{(\d)\}/g, function (_, at) { return told[at]; });
  }

  function several(words) {
    return words.length > 1 ? words.slice(0, -1).join(", ") + " and " + words[words.length - 1] : words.join("");
  }

  // Lists of the data as records, under the names by which they are spoken of.
  function recorded(fields) {
    return function (list) {
      var found = {};
      fields.forEach(function (field, at) { found[field] = list[at]; });
      return found;
    };
  }

  function records(raw) {
    var data = Object.assign({}, raw);
    data.observations = evaluator.observations(raw.observations);
    data.told = raw.told.map(function (told) {
      var whole = told.length < 4;
      return {words: whole ? told[0] + raw.texts[told[1]] : told[0], ordinal: told[told.length - 1],
              cited: whole ? "" : raw.texts[told[1]] + raw.texts[told[2]] + told[3]};
    });
    data.heads = raw.heads.map(recorded(["kind", "id", "title", "letter", "act"]));
    data.tests = raw.tests.map(recorded(["title", "letter", "asks", "plain", "gap"]));
    data.switches = raw.switches.map(recorded(["title", "held", "tests", "options"]));
    data.switches.forEach(function (one) {
      one.options = one.options.map(recorded(["words", "sides", "values", "added", "gone"]));
    });
    return data;
  }

  // What the program and the data give whatever the evidence: read once.
  function reader(raw) {
    var data = records(raw);
    var program = evaluator.program(data.program);
    var nodes = data.heads.map(function () { return []; });
    program.heads.forEach(function (head) { if (head.now) { nodes[head.head][head.level] = head.node; } });
    nodes = nodes.map(function (levels) { return levels.filter(function (node) { return node !== undefined; }); });
    return {data: data, program: program, nodes: nodes, ladder: function (head) {
      return data.phrases.ladders[data.heads[head].kind];
    }};
  }

  // The case on one day, with what is supposed: `chosen` maps a switch to one of its options.
  function world(read, day, chosen) {
    var data = read.data;
    var evidence = {day: data.days[day].day || data.evidence.day, sides: Object.assign({}, data.evidence.sides)};
    var values = Object.assign({}, data.values);
    for (var at = data.days.length - 2; at >= day; at -= 1) { earlier(data.days[at]); }
    function earlier(then) {  // each day says how it differs from the one after it
      Object.assign(evidence.sides, then.sides);
      Object.keys(then.values).forEach(function (test) { values[test] = data.texts[then.values[test]]; });
    }
    Object.keys(chosen).forEach(function (place) {
      var one = data.switches[place];
      var option = one.options[chosen[place]];
      var sides = option.sides.split(" ");
      data.program.pairs.filter(function (pair) { return one.tests.includes(pair[0]); }).forEach(function (pair, n) {
        evidence.sides[data.program.pairs.indexOf(pair)] = sides[n];
      });
      one.tests.forEach(function (test, n) { values[test] = data.texts[option.values[n]]; });
    });
    var looked = evaluator.looking(data, evidence);
    var planes = evaluator.model(read.program, looked);
    function state(node) { return evaluator.state(planes[node]); }
    var it = {read: read, data: data, program: read.program, looked: looked, planes: planes, values: values,
              evidence: evidence, rests: {}, state: state, nodesOf: function (head) { return read.nodes[head]; }};
    it.proofs = evaluator.readings(planes).map(function (reading) {
      return evaluator.proofs(read.program, planes, reading);
    });
    it.headState = function (head) { return state(read.nodes[head][0]); };
    it.level = function (head) {
      var held = read.nodes[head].map(function (node, at) { return state(node) === "present" ? at : -1; });
      return Math.max.apply(null, held);
    };
    it.standing = function (head) {
      return SHOWN.map(function (wanted) {
        return read.nodes[head].filter(function (node) { return state(node) === wanted; }).pop();
      }).filter(function (node) { return node !== undefined; });
    };
    it.stood = function (head, phrases) {
      var told = data.phrases[phrases || "stood"][data.heads[head].kind];
      var level = it.level(head);
      var name = level >= 0 ? read.ladder(head)[level] : "";
      return it.headState(head) === "present" && told[name] ? told[name] : told[it.headState(head)];
    };
    it.testState = function (test) {
      var pair = data.program.pairs.findIndex(function (one) { return one[0] === test && !one[1]; });
      return evaluator.state(looked.plane({tests: [test], pairs: [pair], within: null, shift: 0, plus: null, both: false}));
    };
    it.results = results(it);
    return it;
  }

  // The overall result, and those of one reading of disputed evidence beside it.
  function results(it) {
    var order = it.data.results;
    var last = order[order.length - 1];
    var present = order.filter(function (head) { return it.headState(head) === "present"; });
    var found = [present.length ? present[0] : last];
    [0, 1].forEach(function (reading) {
      var held = order.filter(function (head) { return it.planes[it.read.nodes[head][0]][0] >> reading & 1; });
      var one = held.length ? held[0] : last;
      if (!found.includes(one)) { found.push(one); }
    });
    return found;
  }

  function resultTold(it) {
    var titles = it.results.map(function (head) { return it.data.heads[head].title; });
    return titles.length < 2 ? titles[0]
      : titles[0] + " (" + fill(it.data.phrases.reading, several(titles.slice(1))) + ")";
  }

  function changes(before, after) {
    return before.data.order.filter(function (head) {
      return before.headState(head) !== after.headState(head) || before.level(head) !== after.level(head);
    }).map(function (head) {
      var shown = [before, after].map(function (it) { return SHOWN.includes(it.headState(head)); });
      return {head: head, mark: !shown[0] && shown[1] ? 0 : shown[0] && !shown[1] ? 1 : 2};
    });
  }

  // What a head rests on at the level that it has; worked out once.
  function under(it, head) {
    if (!it.rests[head]) {
      var level = it.level(head);
      it.rests[head] = level < 0 ? []
        : evaluator.support(it.program, it.planes, it.looked, it.read.nodes[head][level], it.proofs);
    }
    return it.rests[head];
  }

  // What is present at one level before and after, and no longer rests on the same.
  function restood(before, after) {
    return before.data.order.filter(function (head) {
      var same = before.headState(head) === "present" && after.headState(head) === "present" &&
        before.level(head) === after.level(head);
      return same && under(before, head).join() !== under(after, head).join();
    });
  }

  function rulesOf(it, head) {
    var level = it.level(head);
    return it.data.rules.filter(function (rule) {
      return rule[1] === head && rule[2] >= 0 && (level < 0 || rule[2] === level) && SHOWN.includes(it.state(rule[0]));
    });
  }

  function named(it, head) {
    var told = rulesOf(it, head).map(function (rule) { return it.data.texts[rule[3]]; }).filter(Boolean);
    return it.data.heads[head].kind === "signature" ? Array.from(new Set(told)) : told;
  }

  function count(number, noun) { return (number || "no") + " " + noun + (number === 1 ? "" : "s"); }

  // Everything that is supposed, in the order in which it is told.
  function supposed(data, chosen) {
    var found = [[], []];
    Object.keys(chosen).forEach(function (at) {
      var option = data.switches[at].options[chosen[at]];
      found[0] = found[0].concat(option.added);
      found[1] = found[1].concat(option.gone);
    });
    return found.map(function (some) {
      return some.sort(function (a, b) { return data.told[a].ordinal - data.told[b].ordinal; });
    });
  }

  // What a supposition changes, in groups of lines with titles: as `what-if` tells it.
  function told(before, after, chosen) {
    var data = before.data;
    var phrases = data.phrases;
    var found = changes(before, after);
    var what = supposed(data, chosen);

    function observation(lead, at) {
      return {title: lead + ": " + data.told[at].words, text: "", small: [], quoted: data.told[at].cited, lines: []};
    }
    function line(head, text, small, lines) {
      return {title: data.heads[head].title, head: head, text: text, small: small, quoted: "", lines: lines};
    }
    function change(one) {
      var goes = one.mark === 1;
      var small = named(goes ? before : after, one.head).map(function (rule) {
        return phrases[goes ? "held by" : "then held by"] + ": " + rule;
      });
      return line(one.head, fill(phrases.then, before.stood(one.head), after.stood(one.head)), small, []);
    }
    function moved(head) {
      var old = under(before, head);
      var now = under(after, head);
      var lines = old.filter(function (o) { return !now.includes(o); }).map(plain("no longer"));
      lines = lines.concat(now.filter(function (o) { return !old.includes(o); }).map(plain("now")));
      var still = now.filter(function (o) { return old.includes(o); }).length;
      return still ? lines.concat({title: phrases.still + ": " + count(still, "observation"), text: "", small: [],
                                   quoted: "", lines: []}) : lines;
    }
    function plain(lead) {
      return function (at) { return Object.assign(observation(phrases[lead], at), {quoted: ""}); };
    }
    function group(mark) { return found.filter(function (one) { return one.mark === mark; }).map(change); }

    var groups = [
      what[0].map(function (at) { return observation(phrases.added, at); })
        .concat(what[1].map(function (at) { return observation(phrases.gone, at); })),
      group(0), group(1), group(2),
      restood(before, after).map(function (head) { return line(head, "", [], moved(head)); })
    ];
    var answers = [before, after].map(resultTold);
    return {
      answer: answers[0] === answers[1] ? answers[0] + " (" + phrases["the same"] + ")"
        : fill(phrases.then, answers[0], answers[1]),
      facts: facts(before, after, found),
      groups: groups.map(function (lines, at) { return {title: phrases.groups[at], lines: lines}; })
        .filter(function (one) { return one.lines.length; })
    };
  }

  function judged(it) {
    return it.data.order.filter(function (head) {
      return it.data.heads[head].kind === "signature" && it.headState(head) !== "not known";
    }).map(function (head) { return it.data.heads[head].id; });
  }

  function facts(before, after, found) {
    var phrases = before.data.phrases;
    var sides = [judged(after), judged(before)];
    var told = found.length ? [] : [phrases["no change"]];
    return told.concat([0, 1].map(function (at) {
      var only = sides[at].filter(function (id) { return !sides[1 - at].includes(id); }).sort();
      return only.length ? phrases.judged[at] + ": " + several(only) + "." : "";
    }).filter(Boolean));
  }

  return {reader: reader, world: world, told: told, changes: changes, restood: restood, resultTold: resultTold,
          rulesOf: rulesOf, fill: fill, SHOWN: SHOWN};
})();
if (typeof module !== "undefined") { module.exports = supposing; }

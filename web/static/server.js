// The desk: line numbers, problems as one types, and links from a problem to its line. What it shows is the server's.
(function () {
  "use strict";
  var form = document.getElementById("desk");
  if (!form) { return; }
  var text = document.getElementById("text");
  var gutter = document.getElementById("gutter");
  var status = document.getElementById("status");
  var PARTS = ["look", "tests", "impact", "meaning", "picture"];
  var WAIT = 250;
  var timer = 0;
  var asked = 0;
  var busy = false;
  var numbered = "";
  var first = text.value;

  function problemLines() {
    return Array.from(document.querySelectorAll("#look [data-line]")).map(function (link) {
      return Number(link.dataset.line);
    });
  }

  function number() {
    var many = text.value.split("\n").length;
    var wrong = problemLines();
    var now = many + " " + wrong.join(" ");
    if (now === numbered) { return; }
    numbered = now;
    gutter.textContent = "";
    for (var line = 1; line <= many; line += 1) {
      var part = document.createElement("span");
      part.textContent = (wrong.includes(line) ? "\u25b8 " : "") + line + "\n";
      part.className = wrong.includes(line) ? "at" : "";
      gutter.appendChild(part);
    }
    scroll();
  }

  function scroll() { gutter.scrollTop = text.scrollTop; }

  function goTo(line, column) {
    var lines = text.value.split("\n");
    var start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    var height = text.scrollHeight / Math.max(1, lines.length);
    text.focus();
    text.setSelectionRange(start + column - 1, start + (lines[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 5) * height);
    scroll();
  }

  function told() {
    var many = document.querySelectorAll("#look .problems li").length;
    return many ? many + (many === 1 ? " problem" : " problems") : "No problem";
  }

  // One part after another; a newer text begins again, and never is more than one question under way.
  function ask(round, place) {
    if (round !== asked) { busy = false; begin(); return; }
    if (place === PARTS.length) { busy = false; status.textContent = told() + "."; return; }
    if (place > 0 && document.querySelector("#look .problems li")) {
      PARTS.slice(1).forEach(function (part) { document.getElementById(part).textContent = ""; });
      busy = false;
      status.textContent = told() + ".";
      return;
    }
    fetch("/edit/" + form.dataset.id + "/" + PARTS[place], {
      method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin"
    }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (html) {
      if (round === asked) {
        document.getElementById(PARTS[place]).innerHTML = html;
        if (PARTS[place] === "impact") { document.getElementById("picture").textContent = ""; } // it was of another edit
        if (place === 0) { number(); status.textContent = told() + ". Working out what it would change ..."; }
      }
      ask(round, place + 1);
    }).catch(function () {
      busy = false;
      status.textContent = "The server does not answer. Your text is still here: copy it before you leave this page.";
    });
  }

  function begin() {
    if (busy) { return; }
    busy = true;
    status.textContent = "Looking ...";
    ask(asked, 0);
  }

  function typed() {
    asked += 1;
    number();
    window.clearTimeout(timer);
    timer = window.setTimeout(begin, WAIT);
  }

  text.addEventListener("input", typed);
  text.addEventListener("scroll", scroll);
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-line]");
    if (!link) { return; }
    event.preventDefault();
    goTo(Number(link.dataset.line), Number(link.dataset.column));
  });
  form.addEventListener("submit", function () { first = text.value; });
  window.addEventListener("beforeunload", function (event) {
    if (text.value !== first) { event.preventDefault(); }
  });
  number();
})();

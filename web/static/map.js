// The interaction map: one signature or conclusion is chosen, and what it combines with stands out.
(function () {
  "use strict";
  var map = document.getElementById("map");
  if (!map) { return; }
  var pick = document.getElementById("pick");
  var said = document.getElementById("said");
  var boxes = Array.from(map.querySelectorAll("[data-n]"));
  var lines = Array.from(map.querySelectorAll("[data-joins]"));
  var sections = Array.from(document.querySelectorAll(".combines"));

  function isSignature(number) { return boxes[number].classList.contains("signature"); }

  function named(number) {
    return Array.from(boxes[number].querySelectorAll("tspan")).map(function (part) {
      return part.textContent;
    }).join(" ");
  }

  function tell(chosen, near) {
    var others = near.filter(function (number) { return number !== chosen; }).sort(function (a, b) { return a - b; });
    var signatures = others.filter(isSignature).map(named);
    var conclusions = others.filter(function (number) { return !isSignature(number); }).map(named);
    if (!isSignature(chosen)) {
      return named(chosen) + ". Signatures that have a part in it: " + signatures.join("; ") + ".";
    }
    return named(chosen) + " combines in a pair with: " + (signatures.join("; ") || "none") +
      ". It has a part in: " + (conclusions.join("; ") || "nothing") + ".";
  }

  function show(value) {
    var chosen = value === "" ? -1 : Number(value);
    var near = chosen < 0 ? [] : [chosen];
    lines.forEach(function (line) {
      var ends = line.dataset.joins.split(" ").map(Number);
      var on = ends.includes(chosen);
      line.classList.toggle("on", on);
      if (on) { near = near.concat(ends); }
    });
    near = near.filter(function (number, place) { return near.indexOf(number) === place; });
    map.classList.toggle("picked", chosen >= 0);
    boxes.forEach(function (box, number) {
      box.classList.toggle("on", near.includes(number));
      box.classList.toggle("chosen", number === chosen);
    });
    sections.forEach(function (section) {
      section.hidden = chosen >= 0 && isSignature(chosen) && Number(section.dataset.n) !== chosen;
    });
    said.textContent = chosen < 0 ? "" : tell(chosen, near);
  }

  map.addEventListener("click", function (event) {
    var box = event.target.closest("[data-n]");
    pick.value = box && box.dataset.n !== pick.value ? box.dataset.n : "";
    show(pick.value);
  });
  pick.addEventListener("change", function () { show(pick.value); });
  document.getElementById("chooser").hidden = false;
  show(pick.value);
})();

// An answer is held against what was worked out when the page was made. Nothing is counted, kept or sent.
(function () {
  "use strict";

  function same(some, others) {
    return some.length === others.length && some.every(function (one) { return others.includes(one); });
  }

  function said(chosen, right) {
    if (!chosen.length) { return "Choose an answer first."; }
    if (right.some(function (one) { return same(one, chosen); })) { return "Right. The answer below says why."; }
    var more = right.some(function (one) {
      return one.length < chosen.length && one.every(function (id) { return chosen.includes(id); });
    });
    return (more ? "Not so: fewer are enough." : "Not so.") + " Try again, or open the answer: it says why.";
  }

  function onWords(text, never) {
    if (!text.trim()) { return "Write a sentence first."; }
    var found = never.filter(function (word) {
      var plain = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return new RegExp("(?:^|[^\\p{L}\\p{N}_])" + plain + "(?![\\p{L}\\p{N}_])", "iu").test(text);
    });
    return found.length
      ? "Never used of an authority: " + found.join(", ") + ". Say what was seen, and no more."
      : "It uses none of the words that are never used of an authority. Is it stronger than the one below?";
  }

  document.querySelectorAll("form.marked").forEach(function (form) {
    var right = JSON.parse(form.dataset.right);
    form.querySelector("button").hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var chosen = Array.from(form.querySelectorAll("input:checked")).map(function (one) { return one.value; });
      form.querySelector(".said").textContent = said(chosen, right);
    });
    form.addEventListener("change", function () { form.querySelector(".said").textContent = ""; });
  });

  document.querySelectorAll("form.free").forEach(function (form) {
    var never = JSON.parse(form.dataset.never);
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      form.querySelector(".said").textContent = onWords(form.querySelector("textarea").value, never);
    });
  });
})();

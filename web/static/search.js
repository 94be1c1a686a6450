// The list of every page, filtered by the words that are typed. Nothing is fetched: the list is the page itself.
(function () {
  "use strict";
  var input = document.getElementById("words");
  var count = document.getElementById("count");
  var items = Array.from(document.querySelectorAll("#found li"));
  var texts = items.map(function (item) {
    return (item.textContent + " " + item.dataset.words).toLowerCase().replace(/[_-]/g, " ");
  });

  function filter() {
    var words = input.value.toLowerCase().replace(/[_-]/g, " ").split(/\s+/).filter(Boolean);
    var shown = 0;
    items.forEach(function (item, place) {
      item.hidden = !words.every(function (word) { return texts[place].includes(word); });
      shown += item.hidden ? 0 : 1;
    });
    count.textContent = !words.length ? items.length + " pages"
      : shown === 1 ? "1 page found" : (shown || "No") + " pages found";
  }

  document.getElementById("search").hidden = false;
  document.getElementById("no-script").hidden = true;
  input.value = new URLSearchParams(location.search).get("q") || "";
  document.getElementById("header-search").value = input.value;
  input.addEventListener("input", filter);
  filter();
  input.focus();
})();

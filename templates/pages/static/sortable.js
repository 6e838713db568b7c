/* A table with more than a few rows is sorted by a click on the head of a column; again, the other way round. */
(function () {
  "use strict";
  const FEW = 6;

  function key(cell) {
    const text = cell === undefined ? "" : cell.textContent.trim();
    if (text === "" || text === "–") return [2, 0];
    if (/^-?∞/.test(text)) return [0, text[0] === "-" ? -Infinity : Infinity];
    const number = parseFloat(text.replace(/,/g, ""));
    return Number.isNaN(number) ? [1, text.toLowerCase()] : [0, number];
  }

  function compare(a, b) {
    if (a[0] !== b[0]) return a[0] - b[0];
    return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
  }

  function sortBy(table, column, head) {
    const body = table.tBodies[0];
    const up = head.getAttribute("aria-sort") !== "ascending";
    const rows = Array.from(body.rows, (row, place) => ({ row, place, key: key(row.cells[column]) }));
    rows.sort((a, b) => {
      if ((a.key[0] === 2) !== (b.key[0] === 2)) return a.key[0] - b.key[0]; // nothing known comes last
      const order = compare(a.key, b.key);
      return (up ? order : -order) || a.place - b.place;
    });
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...rows.map((one) => one.row));
  }

  function prepare(table) {
    if (!table.tHead || table.tBodies.length !== 1 || table.tBodies[0].rows.length <= FEW) return;
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      head.style.cursor = "pointer";
      head.tabIndex = 0;
      head.title = "sort";
      head.addEventListener("click", () => sortBy(table, column, head));
      head.addEventListener("keydown", (event) => {
        if (event.key === "Enter") sortBy(table, column, head);
      });
    });
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("table").forEach(prepare));
})();

"use strict";
// The map's years: a range input chooses the drawing to show; without this script the last year stands there.
(() => {
  const maps = [...document.querySelectorAll("#maps figure")];
  const player = document.getElementById("player");
  if (!player) return;
  const slider = document.getElementById("year"), play = document.getElementById("play");
  const shown = document.getElementById("shown");
  let timer = 0;
  const show = (k) => {
    maps.forEach((map, j) => { map.hidden = j !== k; });
    slider.value = k;
    shown.textContent = maps[k].dataset.year;
    slider.setAttribute("aria-valuetext", maps[k].dataset.year);
  };
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = play.dataset.play; };
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === maps.length - 1) show(0);
    play.textContent = play.dataset.pause;
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      show(next);
      if (next === maps.length - 1) stop();
    }, 900);
  });
  player.hidden = false;
})();
// A link to a card opens it; a narrow screen folds the contents; paper shows all but the cards' longest tables.
(() => {
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let box = target && target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  const contents = document.querySelector("nav details");
  if (matchMedia("(max-width: 900px)").matches) contents.open = false;
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("main details:not([open]):not(.profile .more)")];
    closed.forEach((box) => { box.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((box) => { box.open = false; }));
})();

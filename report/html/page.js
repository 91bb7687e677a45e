"use strict";
(() => {
  const list = document.getElementById("list");
  for (const e of document.querySelectorAll(".scripted")) e.hidden = false;
  if (!list) return;
  const cards = Array.from(list.children);
  const form = document.getElementById("filter");
  const status = document.getElementById("shown");
  const openAll = document.getElementById("open-all");
  const facets = Array.from(form.querySelectorAll("select"), (choice) => choice.name);
  const many = 500; // cards that may be open at once

  // The body of a card is text until it is wanted. It was escaped when the page was written.
  const unfold = (card) => {
    const body = card.querySelector("noscript");
    if (body) body.outerHTML = body.textContent;
  };
  const open = (card) => {
    unfold(card);
    card.firstElementChild.open = true;
  };
  list.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.parentElement.parentElement === list) unfold(event.target.parentElement);
  }, true);

  // What is searched in: the words of a card, whether it is unfolded or not. Made when first needed.
  const entities = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&#34;": '"', "&#39;": "'", "&#43;": "+" };
  const plain = (html) => html.replace(/<[^>]*>/g, " ").replace(/&(?:lt|gt|amp|#34|#39|#43);/g, (e) => entities[e]);
  let texts;
  const textOf = (card) => {
    const body = card.querySelector("noscript");
    const text = body ? card.querySelector("summary").textContent + " " + plain(body.textContent) : card.textContent;
    return text.toLowerCase();
  };

  const visible = () => cards.filter((card) => !card.hidden);
  const say = () => {
    const n = visible().length;
    status.textContent = n === cards.length ? `${n} shown, worst news first.` : n === 0 ? `No server matches, of ${cards.length}.` : `${n} of ${cards.length} shown, worst news first.`;
    openAll.disabled = n === 0 || n > many;
  };
  const filter = () => {
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !texts) texts = cards.map(textOf);
    cards.forEach((card, i) => {
      const fits = facets.every((f) => form[f].value === "*" || form[f].value === (card.dataset[f] ?? ""));
      card.hidden = !(fits && words.every((w) => texts[i].includes(w)));
    });
    say();
  };
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
  form.addEventListener("reset", () => setTimeout(filter));
  openAll.addEventListener("click", () => {
    const all = visible();
    const closing = all.every((card) => card.firstElementChild.open);
    for (const card of all) closing ? (card.firstElementChild.open = false) : open(card);
  });

  const choose = (choices) => {
    form.reset();
    for (const [name, value] of Object.entries(choices)) form[name].value = value;
    filter();
  };
  const toServers = () => document.getElementById("servers").focus();
  for (const link of document.querySelectorAll("a[data-reason]")) {
    link.addEventListener("click", () => choose({ verdict: link.dataset.verdict, reason: link.dataset.reason }));
  }

  // The address of a cell: its network's first address, and the number of the cell.
  const addressOf = (network, n) => {
    if (!network.includes(":")) {
      const parts = network.split(".").map(Number);
      parts[2] += n >> 8;
      parts[3] = n & 255;
      return parts.join(".");
    }
    const groups = network.split("::");
    const head = groups[0] ? groups[0].split(":") : [];
    const tail = groups.length > 1 && groups[1] ? groups[1].split(":") : [];
    const all = groups.length > 1 ? head.concat(Array(8 - head.length - tail.length).fill("0"), tail) : head;
    const low = (parseInt(all[7], 16) & 0xff00) + n;
    return (groups.length > 1 && !tail.length ? groups[0] + "::" : all.slice(0, 7).join(":") + ":") + low.toString(16);
  };
  for (const map of document.querySelectorAll("svg.map")) {
    map.addEventListener("click", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
      const ground = map.querySelector(".ground");
      const columns = Number(map.dataset.columns);
      const x = Math.floor(at.x), y = Math.floor(at.y);
      if (x < 0 || y < 0 || x >= columns || y >= Number(ground.getAttribute("height"))) return;
      choose({ words: addressOf(map.dataset.network, y * columns + x) });
      toServers();
    });
  }

  // A link to a card opens it, whatever the filter hid.
  const follow = () => {
    let card;
    try {
      card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // not a fragment of ours
    }
    if (!card || card.parentElement !== list) return;
    if (card.hidden) choose({});
    open(card);
    card.scrollIntoView();
  };
  addEventListener("hashchange", follow);

  // Print what is shown, opened. Of very many, closed servers of which nothing is expected stay one line each.
  let opened = [];
  addEventListener("beforeprint", () => {
    const all = visible();
    opened = all.filter((card) => !card.firstElementChild.open && (all.length <= many || card.dataset.verdict !== "closed" || card.dataset.found));
    opened.forEach(open);
  });
  addEventListener("afterprint", () => {
    for (const card of opened) card.firstElementChild.open = false;
    opened = [];
  });

  form.hidden = false;
  form.reset();
  say();
  follow();
})();

// The tree of stations: branches fetched when they are opened, and the keys of a tree (arrows, Home, End, typing ahead).
// Without it a turner is a link that shows the page with that branch open.

const trees = document.querySelectorAll("[data-tree]");

const links = (tree) => [...tree.querySelectorAll(".leaf > a:not(.turner)")].filter((a) => a.offsetParent);
const turnerOf = (link) => link.closest(".leaf").querySelector("a.turner");
const twigsOf = (leaf) => leaf.parentElement.querySelector(":scope > .twigs");

async function turn(turner, open) {
  const leaf = turner.closest(".leaf");
  let twigs = twigsOf(leaf);
  if (open && !twigs) {
    if (turner.getAttribute("aria-busy") === "true") return;
    turner.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(turner.dataset.branch, { headers: { "HX-Request": "true" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      twigs = document.createElement("div");
      twigs.className = "twigs";
      twigs.innerHTML = await answer.text();
      leaf.after(twigs);
    } catch {
      location.assign(turner.href);
      return;
    } finally {
      turner.removeAttribute("aria-busy");
    }
  }
  if (twigs) twigs.hidden = !open;
  turner.setAttribute("aria-expanded", String(open));
}

function focus(tree, link) {
  if (!link) return;
  links(tree).forEach((a) => a.setAttribute("tabindex", "-1"));
  link.setAttribute("tabindex", "0");
  link.focus();
}

function typeAhead() {
  let typed = "";
  let timer = 0;
  return (tree, here, key) => {
    clearTimeout(timer);
    typed += key.toLowerCase();
    timer = setTimeout(() => {
      typed = "";
    }, 800);
    const all = links(tree);
    const from = all.indexOf(here) + (typed.length === 1 ? 1 : 0);
    const order = [...all.slice(from), ...all.slice(0, from)];
    const starts = (a) => a.textContent.trim().toLowerCase().startsWith(typed) || (a.dataset.keys || "").startsWith(typed);
    focus(tree, order.find(starts));
  };
}

async function key(event, tree, ahead) {
  const here = event.target.closest(".leaf > a:not(.turner)");
  if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = links(tree);
  const i = all.indexOf(here);
  const turner = turnerOf(here);
  const isOpen = turner?.getAttribute("aria-expanded") === "true";
  if (event.key === "ArrowDown") focus(tree, all[i + 1]);
  else if (event.key === "ArrowUp") focus(tree, all[i - 1]);
  else if (event.key === "Home") focus(tree, all[0]);
  else if (event.key === "End") focus(tree, all.at(-1));
  else if (event.key === "ArrowRight" && turner && !isOpen) turn(turner, true);
  else if (event.key === "ArrowRight" && isOpen) focus(tree, all[i + 1]);
  else if (event.key === "ArrowLeft" && turner && isOpen) turn(turner, false);
  else if (event.key === "ArrowLeft") {
    focus(tree, here.closest(".twigs")?.parentElement.querySelector(":scope > .leaf > a:not(.turner)"));
  } else if (event.key.length === 1 && event.key !== " " && event.key !== "/") ahead(tree, here, event.key);
  else return;
  event.preventDefault();
}

trees.forEach((tree) => {
  const ahead = typeAhead();
  const all = links(tree);
  const first = tree.querySelector('[aria-current="page"]') || all[0];
  all.forEach((a) => a.setAttribute("tabindex", a === first ? "0" : "-1"));
  tree.addEventListener("click", (event) => {
    const turner = event.target.closest("a.turner");
    if (!turner || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    turn(turner, turner.getAttribute("aria-expanded") !== "true");
  });
  tree.addEventListener("keydown", (event) => key(event, tree, ahead));
  tree.addEventListener("focusin", (event) => {
    const link = event.target.closest(".leaf > a:not(.turner)");
    if (link) links(tree).forEach((a) => a.setAttribute("tabindex", a === link ? "0" : "-1"));
  });
});

// Links marked data-dialog open the form of their page in a dialog over the page one is on. Without script they lead to that page.

const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

// The dialog that the address answers to htmx, or null where it wants a page of its own.
async function fetched(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return null;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content.querySelector("dialog");
}

async function open(link) {
  let dialog = null;
  try {
    dialog = await fetched(link.href);
  } catch {
    // no line: the page itself says so
  }
  if (!dialog) {
    location.assign(link.href);
    return;
  }
  const opener = link.closest("dialog") ? document.querySelector("[data-opened]") : link;
  document.querySelectorAll("dialog[open]").forEach((other) => other.remove());
  document.querySelectorAll("[data-opened]").forEach((other) => delete other.dataset.opened);
  link.closest("details")?.removeAttribute("open");
  if (opener) opener.dataset.opened = "";
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    (opener?.closest("details")?.querySelector("summary") || opener)?.focus();
  });
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("dialog:opened", { bubbles: true })); // page.js keeps what is typed in it
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog], dialog .segment a");
  if (!link || !plain(event)) return;
  event.preventDefault();
  open(link);
});

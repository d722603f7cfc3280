// What every page does beyond plain HTML: toasts that go, keys that jump, menus that shut, fragments that fail politely,
// forms that keep what is typed.
// Every page works without it.

const TOAST_MS = 8000;

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

// Toasts: 8 s, the clock stops under the pointer and while something inside has the focus.
function wind(toast) {
  let left = TOAST_MS;
  let since = 0;
  let timer = 0;
  const go = () => {
    since = performance.now();
    timer = setTimeout(() => toast.remove(), left);
  };
  const stop = () => {
    clearTimeout(timer);
    left = Math.max(1000, left - (performance.now() - since));
  };
  for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, stop);
  for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, go);
  go();
}

function start(root) {
  root.querySelectorAll("[data-toast]:not([data-wound])").forEach((toast) => {
    toast.dataset.wound = "";
    wind(toast);
  });
  root.querySelector("[data-focus]")?.focus();
}

// Keys: Ctrl K to the search of the site, / to the filter of the page, Escape shuts an open menu.
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const field = document.querySelector("[data-jump]");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  } else if (event.key === "/" && !event.ctrlKey && !event.altKey && !event.metaKey && !typing(event.target)) {
    const field = document.querySelector("[data-filter]") || document.querySelector("[data-jump]");
    if (field) {
      event.preventDefault();
      field.focus();
    }
  } else if (event.key === "Escape") {
    const menu = event.target.closest("details.dropdown[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.dropdown[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// Fragments: a failed one leaves what was there and says so; one that was answered by the sign-in page leads there.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith("/accounts/login/")) {
    event.detail.shouldSwap = false;
    const back = encodeURIComponent(location.pathname + location.search);
    location.assign(`/accounts/login/?next=${back}`);
  }
});

function failed(event) {
  const { elt, target } = event.detail;
  const model = document.getElementById("fragment-failed");
  const place = target || elt;
  if (!model || place.previousElementSibling?.matches("[data-failed]")) return;
  const notice = model.content.firstElementChild.cloneNode(true);
  place.before(notice);
  notice.querySelector("button").addEventListener("click", () => {
    notice.remove();
    if (elt.isConnected && elt.matches("form")) elt.requestSubmit();
    else if (elt.isConnected && elt.matches("a[href]")) location.assign(elt.href);
    else location.reload();
  });
}

document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:afterSwap", (event) => {
  document.querySelectorAll("[data-failed]").forEach((notice) => notice.remove());
  start(event.detail.target.parentElement || document);
});

// Drafts: a form marked data-draft sends what was typed 2 s after the last key, and before it is sent itself. Without a line it is
// quiet and tries again when the line is back; who was signed out meanwhile is told so before anything is lost.
const DRAFT_MS = 2000;
const WAIT_MS = 1500;

function keepTyped(form) {
  const said = form.querySelector("[data-draft-said]");
  const away = form.querySelector("[data-draft-away]");
  let timer = 0;
  let sending = null;
  let dirty = false;
  let sent = false;

  const typed = () => {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const secret = form.querySelector(`input[type=password][name="${CSS.escape(name)}"]`);
      if (typeof value === "string" && !secret) body.append(name, value);
    }
    body.append("_address", form.dataset.draft);
    return body;
  };
  const isAway = (answer) => {
    const signedOut = answer.type === "opaqueredirect";
    if (away) away.hidden = !signedOut;
    return signedOut;
  };
  const post = (more) => {
    const headers = { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]")?.value || "" };
    return fetch("/drafts/", { method: "POST", body: typed(), redirect: "manual", headers, signal: sending.signal, ...more });
  };
  // Who signed in again in another tab has another token.
  const renewed = async () => {
    const answer = await fetch("/drafts/", { redirect: "manual", signal: sending.signal });
    if (isAway(answer)) return false;
    const { token } = await answer.json();
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
    return true;
  };
  // True unless whoever types is signed out.
  const send = async (more = {}) => {
    clearTimeout(timer);
    if (!dirty || !navigator.onLine) return true;
    sending?.abort();
    sending = new AbortController();
    dirty = false;
    try {
      let answer = await post(more);
      if (answer.status === 403) answer = (await renewed()) ? await post(more) : null;
      if (!answer || isAway(answer)) {
        dirty = true;
        return false;
      }
      const found = await answer.json();
      if (said && found.said) said.textContent = found.said;
    } catch (error) {
      if (error.name !== "AbortError") dirty = true;
    }
    return true;
  };
  const later = () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(send, DRAFT_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("htmx:afterSwap", later);
  form.addEventListener("submit", async (event) => {
    if (sent || !dirty || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    const mayGo = await Promise.race([send(), new Promise((done) => { setTimeout(() => done(true), WAIT_MS); })]);
    if (!mayGo) return away?.querySelector("a")?.focus();
    sending?.abort();
    sent = true;
    dirty = false;
    form.requestSubmit(button);
  });
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("online", () => send());
  window.addEventListener("pagehide", () => send({ keepalive: true }));
}

document.querySelectorAll("form[data-draft]").forEach(keepTyped);
document.addEventListener("dialog:opened", (event) => event.target.querySelectorAll("form[data-draft]").forEach(keepTyped));

start(document);

// What makes the pages quicker to use. Each of them works without: a form is a form, a link a link.

const typing = (e) => e.closest("input, select, textarea, [contenteditable]");
const rows = () => [...document.querySelectorAll("main [data-row]")];
const address = () => location.pathname + location.search;
let shown = address();
const handle = (row) => row.matches("a, button") ? row : row.querySelector("a[href], button, summary");

/** Ask for a page of ours as the form would. Throws unless an HTML page comes back. */
async function send(form, submitter, address, signal) {
  const data = new FormData(form, submitter);
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  const url = new URL(address, location.href);
  const get = form.method === "get";
  if (get) url.search = body;
  const answer = await fetch(url, { method: get ? "GET" : "POST", body: get ? undefined : body, signal });
  if (!answer.headers.get("content-type")?.startsWith("text/html")) throw new TypeError("not a page");
  return [answer, new DOMParser().parseFromString(await answer.text(), "text/html")];
}

/** Where a reader goes on: a fault, else the row that took the place of the one answered, else the heading. */
function settle(index) {
  const left = rows();
  const next = index < 0 ? undefined : left[Math.min(index, left.length - 1)];
  const target = document.querySelector("main [data-focus]") ?? (next && handle(next)) ?? document.querySelector("main h1");
  if (target?.matches("h1")) target.tabIndex = -1;
  target?.focus({ preventScroll: target.matches("h1") });
  const live = document.querySelector("#live");
  const said = document.querySelector("main .flash p") ?? target?.closest(".field, .choice, fieldset")?.querySelector(".fault");
  if (live) live.textContent = said?.textContent ?? "";
  offer();
}

/** A transition that is cut short by the next is no fault to report. */
function quietly(transition) {
  for (const promise of [transition?.ready, transition?.updateCallbackDone, transition?.finished]) promise?.catch(() => {});
  return transition;
}
for (const turn of ["pageswap", "pagereveal"]) addEventListener(turn, (event) => quietly(event.viewTransition));

/** Answer in place: the page that the redirect leads to takes the place of this one's parts. */
async function answer(form, submitter) {
  const index = rows().indexOf(form.closest("[data-row]"));
  submitter?.setAttribute("aria-busy", "true");
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  const [response, page] = await send(form, submitter, action);
  if (!page.querySelector("main")) throw new TypeError("not a page of the app");
  for (const first of page.querySelectorAll("[autofocus]")) { // the browser heeds it on arrival only
    first.removeAttribute("autofocus");
    first.dataset.focus = "";
  }
  const swap = () => {
    for (const part of ["main", ".bar", ".tabs"]) {
      const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
      if (old && fresh) old.replaceWith(document.importNode(fresh, true));
    }
    document.title = page.title;
    if (response.redirected && response.url !== location.href) {
      const moved = new URL(response.url).pathname !== location.pathname;
      history[moved ? "pushState" : "replaceState"](null, "", response.url);
      shown = address();
      if (moved) scrollTo(0, 0);
    }
  };
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (document.startViewTransition && !calm) await quietly(document.startViewTransition(swap)).updateCallbackDone;
  else swap();
  settle(index);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-inline]") || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.sent) return; // a second press while the first is under way
  form.dataset.sent = "yes";
  answer(form, event.submitter).catch(() => {
    if (form.method === "post") return location.reload(); // it may have been done: nothing is sent twice
    form.removeAttribute("data-inline");
    form.requestSubmit(event.submitter);
  });
});

// Back to a page that was replaced in place. A step to a heading of this one is none of it.
addEventListener("popstate", () => { if (address() !== shown) location.reload(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }); // no stale questions

// A form that shows its effect as it is filled in.
const waiting = new WeakMap();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-preview]")) return;
  const { timer, stop } = waiting.get(form) ?? {};
  clearTimeout(timer);
  stop?.abort();
  const control = new AbortController();
  const look = async () => {
    const [, page] = await send(form, null, form.dataset.preview, control.signal);
    const target = form.dataset.previewTarget;
    const [old, fresh] = [document.querySelector(target), page.querySelector(target)];
    if (old && fresh && !control.signal.aborted) old.replaceWith(document.importNode(fresh, true));
  };
  waiting.set(form, { stop: control, timer: setTimeout(() => look().catch(() => {}), 300) });
});

// One box picks all rows of its table.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll("tbody .pick input")) box.checked = event.target.checked;
});

// Menus close as menus do.
const close = (kept) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== kept) menu.open = false;
};
document.addEventListener("click", (event) => close(event.target.closest("details.menu")));

// Keys, unless they were switched off (WCAG 2.1.4): / searches, n adds, j and k move through rows, Enter opens.
const off = () => localStorage.getItem("keys") === "off";
function offer() {
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.closest("[hidden]")?.removeAttribute("hidden");
    button.setAttribute("aria-pressed", String(!off()));
  }
}
offer();
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys]")) return;
  localStorage.setItem("keys", off() ? "on" : "off");
  offer();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const summary = document.activeElement?.closest("details.menu[open]")?.querySelector("summary");
    close();
    summary?.focus();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target) || off()) return;
  if (event.key === "/") document.querySelector("[data-search], [type=search]")?.focus();
  else if (event.key === "n") document.querySelector("a[data-new]")?.click();
  else if (event.key === "j" || event.key === "k") {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const to = at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + (event.key === "j" ? 1 : -1)));
    if (all[to]) handle(all[to])?.focus();
  } else return;
  event.preventDefault();
});

// Starts both design systems. Every page works without this file.
import { initAll as startGovuk } from "./govuk-frontend.js";
import { initAll as startMoj } from "./moj-frontend.js";

startGovuk();
startMoj();

// A button that prints, shown only where it can work.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Two minutes before the session ends: a warning, and a way to stay. Every page load starts the time anew.
const warning = document.getElementById("cdr-timeout");
if (warning && typeof warning.showModal === "function") {
  const left = document.getElementById("cdr-timeout-left");
  let ends = 0;
  const begin = (seconds) => {
    ends = Date.now() + seconds * 1000;
  };
  const look = () => {
    const seconds = Math.round((ends - Date.now()) / 1000);
    if (seconds > 120) {
      if (warning.open) warning.close();
      return;
    }
    // Said in half minutes, so that a screen reader is not kept busy.
    const half = Math.max(Math.ceil(seconds / 30), 0);
    const words = seconds <= 0 ? "no time: you are signed out" : `${half * 30} seconds`;
    if (left.textContent !== words) left.textContent = words;
    if (!warning.open) warning.showModal();
  };
  const stay = async () => {
    const answer = await fetch("/account/stay", { redirect: "manual" }).catch(() => null);
    const seconds = answer && answer.status === 204 ? Number(answer.headers.get("x-session-lasts")) : 0;
    begin(seconds);
    look();
    if (seconds === 0) warning.close();
  };
  begin(Number(warning.dataset.lasts));
  warning.querySelector("[data-stay]").addEventListener("click", stay);
  setInterval(look, 5000);
}

// What is typed is kept on the server while it is typed, and the page says when somebody else has the same form open.
for (const form of document.querySelectorAll("form[data-typing]")) {
  const notice = document.querySelector("[data-typing-notice]");
  let typed = false;
  let changed = false;
  let active = true;
  let last = 0;
  let wait = 3000;
  for (const kind of ["keydown", "pointermove", "scroll"]) addEventListener(kind, () => { active = true; }, { passive: true });
  const send = async (leaving) => {
    const body = new URLSearchParams(new FormData(form));
    body.set("typed", changed ? "yes" : "no");
    changed = false;
    active = false;
    last = Date.now();
    const answer = await fetch(form.dataset.typing, { method: "POST", body, keepalive: leaving, redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) {
      // Signed out, or not to be kept: the page does not ask again. Otherwise it waits longer each time.
      if (answer && answer.status < 500 && answer.status !== 429) return clearInterval(timer);
      changed = typed;
      wait = Math.min(wait * 2, 300000);
      return;
    }
    wait = 3000;
    const { other } = await answer.json();
    if (notice) {
      notice.textContent = other || "";
      notice.hidden = !other;
    }
  };
  form.addEventListener("input", () => {
    typed = true;
    changed = true;
  });
  form.addEventListener("submit", () => {
    typed = false;
    changed = false;
    last = Infinity;
  });
  addEventListener("pagehide", () => {
    if (changed) send(true);
  });
  // Three seconds after something was typed; otherwise each minute while somebody does anything on the page.
  const timer = setInterval(() => {
    const waited = Date.now() - last;
    if ((active && waited > 60000) || (changed && waited > wait)) send(false);
  }, 1000);
}

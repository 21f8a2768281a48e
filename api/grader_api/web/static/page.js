// What markup cannot say: a key that sends the form, and what to show when the service cannot be reached.
(() => {
  const notice = (text) => {
    const place = document.getElementById("notice");
    const told = document.createElement("div");
    told.className = "problem";
    told.append(Object.assign(document.createElement("p"), { textContent: text }));
    place.replaceChildren(told);
    place.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea#answer")) {
      event.preventDefault();
      event.target.form.requestSubmit(document.getElementById("send"));
    }
  });

  // who hears or types, and does not see, is led to what is new
  const arrive = () => document.querySelector("[data-arrival]")?.focus();
  document.addEventListener("htmx:after:swap", arrive);

  document.addEventListener("htmx:before:request", () => document.getElementById("notice")?.replaceChildren());

  // a refusal that is not one of our pages: of a proxy in between
  document.addEventListener("htmx:before:response", (event) => {
    const raw = event.detail.ctx.response.raw;
    if (raw.ok || raw.headers.has("hx-redirect") || raw.headers.has("hx-retarget")) return;
    event.preventDefault();
    notice(`The service answered with status ${raw.status}. Nothing is lost: try again.`);
  });

  document.addEventListener("htmx:error", () => notice("The service cannot be reached. Nothing is lost: try again."));
})();

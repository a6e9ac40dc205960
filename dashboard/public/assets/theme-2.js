// Before the first paint: the theme that was chosen here, if any. A file of its own, because no script is inline.
// A share link may name the theme of the page that it is embedded in.
try {
  var given = location.pathname.indexOf("/share/") === 0 ? new URLSearchParams(location.search).get("theme") : null;
  var theme = given || localStorage.getItem("footfall.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage is blocked; the system's theme it is.
}

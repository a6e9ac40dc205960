// Before the first paint: the theme that was chosen here, if any. A file of its own, because no script is inline.
try {
  var theme = localStorage.getItem("footfall.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage is blocked; the system's theme it is.
}

// Runs before the first paint, so that a chosen theme never flashes. Without a choice the system decides.
(() => {
  try {
    const theme = localStorage.getItem("atrium.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const density = localStorage.getItem("atrium.density");
    if (density === "compact") document.documentElement.dataset.density = density;
  } catch {
    // Storage may be forbidden; then the system's theme stands.
  }
})();

/// What is wrong with a page as it is shown, found by a script inside it; each in a line.
///
/// Every text of a chart lies inside the chart, apart from the other texts and from the plot; texts stand out from what
/// is behind them; the page is no wider than its window, light or dark as asked for, and nothing in it is cut (tables may
/// scroll on a phone).
func pageCheck(_ view: Browser.View) -> String {
  """
  (() => {
    const dark = \(view.isDark && !view.isPrint);
    const problems = [];
    const words = e => "“" + e.textContent.trim().slice(0, 40) + "”";
    const parts = color => (color.match(/[\\d.]+/g) || [0, 0, 0]).slice(0, 3).map(Number);
    const light = color => {
      const [r, g, b] = parts(color).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => {
      const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    const apart = (a, b, slack) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) <= slack ||
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) <= slack;
    const page = (color, where) => {
      if (dark ? light(color) > 0.1 : light(color) < 0.9) problems.push(where + " is " + color);
    };
    const charts = [...document.querySelectorAll("svg.tc-chart")];
    charts.forEach((svg, index) => {
      const name = "chart " + (index + 1) + " " + (svg.getAttribute("aria-label") || "");
      const box = svg.getBoundingClientRect();
      const back = getComputedStyle(svg.querySelector(".tc-page")).fill;
      page(back, name);
      const texts = [...svg.querySelectorAll("text")].map(e => ({ e, box: e.getBoundingClientRect() }));
      const plots = [...svg.querySelectorAll("path.tc-axis")].map(e => e.getBoundingClientRect());
      texts.forEach((one, i) => {
        const b = one.box;
        if (b.left < box.left - 0.5 || b.right > box.right + 0.5 || b.top < box.top - 0.5 || b.bottom > box.bottom + 0.5)
          problems.push(name + ": " + words(one.e) + " is cut");
        for (const other of texts.slice(i + 1))
          if (!apart(b, other.box, 0.5)) problems.push(name + ": " + words(one.e) + " on " + words(other.e));
        for (const plot of plots)
          if (one.e.textContent !== "no values to draw" && !apart(b, plot, 2)) problems.push(name + ": " + words(one.e) + " on the plot");
        const found = contrast(getComputedStyle(one.e).fill, back);
        if (found < 4.5) problems.push(name + ": " + words(one.e) + " has a contrast of " + found.toFixed(2));
      });
    });
    if (document.documentElement instanceof SVGElement) return problems;
    if (document.documentElement.scrollWidth > innerWidth + 1)
      problems.push("the page is " + document.documentElement.scrollWidth + " px wide in a window of " + innerWidth);
    const back = getComputedStyle(document.body).backgroundColor;
    page(back, "the page");
    for (const e of document.querySelectorAll("h1, h2, p, li, figcaption, th, td, code")) {
      if (e.tagName !== "CODE" && e.scrollWidth > e.clientWidth + 1) problems.push(words(e) + " is cut");
      if (contrast(getComputedStyle(e).color, back) < 4.5) problems.push(words(e) + " is hard to read");
    }
    for (const e of document.querySelectorAll(".table"))
      if (innerWidth > 600 && e.scrollWidth > e.clientWidth + 1) problems.push("the table " + words(e) + " is cut");
    for (const svg of charts) {
      const size = 12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      if (size < 8.5) problems.push(svg.getAttribute("aria-label") + ": letters of " + size.toFixed(1) + " px");
    }
    return problems;
  })()
  """
}

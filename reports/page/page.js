'use strict';
// Draws the page's charts from their options, and keeps them in step with the theme, the width and the printer.
(function () {
  var root = document.documentElement, button = document.querySelector('.theme');
  var plots = [];

  function draw(width) {
    plots.forEach(function (plot) {
      var chart = orreryCharts.draw(plot.element, plot.option);
      chart.resize(width ? { width: width } : { width: 'auto' });
    });
  }
  function setTheme(theme) {
    if (theme === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
    button.textContent = 'Theme: ' + theme;
  }

  Array.prototype.forEach.call(document.querySelectorAll('[data-chart]'), function (element) {
    var text = document.getElementById(element.getAttribute('data-chart')).textContent;
    plots.push({ element: element, option: JSON.parse(text) });
  });
  draw();

  button.hidden = false;
  button.addEventListener('click', function () {
    var now = root.getAttribute('data-theme') || 'auto';
    setTheme(now === 'auto' ? 'light' : now === 'light' ? 'dark' : 'auto');
    draw();
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () { draw(); });

  var waiting = 0;
  window.addEventListener('resize', function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () { draw(); }, 100);
  });

  // Paper is light, and 680 pixels wide between the margins of A4.
  var before = null;
  window.addEventListener('beforeprint', function () {
    before = root.getAttribute('data-theme') || 'auto';
    setTheme('light');
    draw(680);
  });
  window.addEventListener('afterprint', function () {
    setTheme(before || 'auto');
    draw();
  });
})();

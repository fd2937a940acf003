'use strict';
// Draws the page's charts from their options, and keeps them in step with the theme, the width and the printer.
(function () {
  var root = document.documentElement, button = document.querySelector('.theme');
  var plots = [];

  function draw(width) {
    plots.forEach(function (plot) {
      orreryCharts.draw(plot.element, plot.option, width);
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
  // A table that is cut by the screen says that it scrolls.
  function measure() {
    Array.prototype.forEach.call(document.querySelectorAll('.scroll'), function (box) {
      box.classList.toggle('wide', box.scrollWidth > box.clientWidth + 1);
    });
  }
  draw();
  measure();
  document.addEventListener('toggle', measure, true);

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
    waiting = setTimeout(function () { draw(); measure(); }, 100);
  });

  // Paper is light, and 680 pixels wide between the margins of A4.
  var before = null;
  function paper() {
    if (before !== null) return;
    before = root.getAttribute('data-theme') || 'auto';
    setTheme('light');
    draw(680);
  }
  function screen() {
    if (before === null) return;
    setTheme(before);
    before = null;
    draw();
  }
  window.addEventListener('beforeprint', paper);
  window.addEventListener('afterprint', screen);
  window.matchMedia('print').addEventListener('change', function (e) { if (e.matches) paper(); else screen(); });
})();

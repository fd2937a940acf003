'use strict';
// Draws option JSON with ECharts. An option holds no code: where ECharts wants a function it holds {fn: name, ...}, looked
// up in the tables below, and where it wants a colour it may hold the name of a variable of the page ("--c-blue").
var orreryCharts = (function () {

  function grouped(text) {
    var parts = text.split('.');
    parts[0] = parts[0].replace(/\B(?=(\d{3})+(?!\d))/g, ',');
    return parts.join('.');
  }
  function significant(v) {
    if (!isFinite(v) || v === 0) return '0';
    var decimals = Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(v))), 0), 9);
    var text = v.toFixed(decimals);
    if (text.indexOf('.') >= 0) text = text.replace(/0+$/, '').replace(/\.$/, '');
    return text === '-0' ? '0' : grouped(text);
  }
  function count(v) {
    var size = Math.abs(v);
    if (size >= 1e9) return significant(v / 1e9) + ' G';
    if (size >= 1e6) return significant(v / 1e6) + ' M';
    if (size >= 1e5) return significant(v / 1e3) + ' k';
    return v === Math.trunc(v) ? grouped(String(v)) : significant(v);
  }
  function duration(s) {
    var size = Math.abs(s);
    if (size === 0) return '0 s';
    if (size < 1e-4) return significant(s * 1e6) + ' \u00b5s';
    if (size < 0.1) return significant(s * 1e3) + ' ms';
    if (size < 120) return significant(s) + ' s';
    if (size < 7200) return significant(s / 60) + ' min';
    if (size < 172800) return significant(s / 3600) + ' h';
    return significant(s / 86400) + ' d';
  }
  // round says a duration in its largest whole unit: 1 h, where duration says 60 min.
  function round(s) {
    var sizes = [[86400, ' d'], [3600, ' h'], [60, ' min'], [1, ' s']];
    for (var i = 0; i < sizes.length; i++) {
      var n = s / sizes[i][0], whole = Math.round(n);
      if (whole >= 1 && Math.abs(whole - n) < 1e-4 * n) return grouped(String(whole)) + sizes[i][1];
    }
    return duration(s);
  }
  // Each unit says a number with its symbol, or bare beside an axis that names it.
  var units = {
    count: function (v) { return count(v); },
    times: function (v) { return count(v); },
    seconds: function (v) { return duration(v); },
    share: function (v) { return significant(v * 100) + ' %'; },
    gpus: function (v, bare) { return count(v) + (bare ? '' : ' GPUs'); },
    gpuHours: function (v, bare) { return count(v) + (bare ? '' : ' GPU-h'); },
    jobHours: function (v, bare) { return count(v) + (bare ? '' : ' job-h'); },
    dollars: function (v) { return (v < 0 ? '-$' : '$') + count(Math.abs(v)); },
    yuan: function (v) { return (v < 0 ? '-¥' : '¥') + count(Math.abs(v)); }
  };
  function say(unit, v, bare) {
    if (v === null || v === undefined || !isFinite(v)) return 'none';
    return (units.hasOwnProperty(unit) ? units[unit] : units.count)(v, bare);
  }
  function two(n) { return (n < 10 ? '0' : '') + n; }
  function elapsed(s) {
    var minutes = Math.round(s / 60);
    if (s < 3600 && minutes < 60) return duration(s);
    var days = Math.floor(minutes / 1440), rest = minutes % 1440;
    return (days ? days + ' d ' : '') + two(Math.floor(rest / 60)) + ':' + two(rest % 60);
  }
  function when(at, s) {
    var text = elapsed(s);
    if (at.start === undefined) return text;
    var d = new Date(at.start + (at.offset || 0) * 1000 + s * 1000);
    return text + ' (' + ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][d.getUTCDay()] + ' ' + d.getUTCFullYear() + '-' +
      two(d.getUTCMonth() + 1) + '-' + two(d.getUTCDate()) + ' ' + two(d.getUTCHours()) + ':' + two(d.getUTCMinutes()) + ' ' + at.zone + ')';
  }

  // A tooltip is built of elements with text in them, never of markup.
  function box(title, rows) {
    var root = document.createElement('div');
    var head = root.appendChild(document.createElement('div'));
    head.textContent = title;
    head.className = 'tip-title';
    rows.forEach(function (row) {
      var line = root.appendChild(document.createElement('div'));
      line.className = 'tip-row';
      var swatch = line.appendChild(document.createElement('i'));
      if (row.color && typeof row.color === 'string') swatch.style.background = row.color;
      else swatch.className = 'tip-none';
      line.appendChild(document.createElement('span')).textContent = row.name;
      line.appendChild(document.createElement('b')).textContent = row.value;
    });
    root.className = 'tip';
    return root;
  }
  function list(params) { return Array.isArray(params) ? params : [params]; }

  // The functions that an option may name. Each gets its arguments and returns what ECharts calls.
  var functions = {
    unit: function (a) {
      return function (v) { return (a.sign && v > 0 ? '+' : '') + say(a.unit, v, a.bare); };
    },
    plain: function () { return function (v) { return grouped(String(Math.round(v * 1e6) / 1e6)); }; },
    power: function () { return function (v) { return round(Math.pow(10, v)); }; },
    area: function (a) {
      return function (params) {
        var sum = 0, rows = [], all = list(params);
        all.forEach(function (p) {
          if (p.seriesIndex < a.layers) sum += p.value[1];
          rows.push({ name: p.seriesName, color: p.color, value: say(a.unit, p.value[1]) });
        });
        if (a.layers > 1) rows.splice(Math.min(a.layers, rows.length), 0, { name: 'together', value: say(a.unit, sum) });
        return all.length ? box(when(a, all[0].value[0] * a.scale), rows) : '';
      };
    },
    band: function (a) {
      return function (params) {
        var all = list(params), rows = [];
        all.forEach(function (p) {
          rows.push({ name: p.seriesName + ', mean', color: p.color, value: say(a.unit, p.value[1]) });
          rows.push({ name: 'lowest', value: say(a.unit, p.value[2]) });
          rows.push({ name: 'highest', value: say(a.unit, p.value[3]) });
        });
        return all.length ? box(when(a, all[0].value[0] * a.scale), rows) : '';
      };
    },
    distribution: function () {
      return function (params) {
        var all = list(params);
        return all.length ? box('at most ' + duration(Math.pow(10, all[0].value[0])), all.map(function (p) {
          return { name: p.seriesName, color: p.color, value: say('share', p.value[1]) };
        })) : '';
      };
    },
    stack: function (a) {
      return function (params) {
        var all = list(params), sum = all.reduce(function (s, p) { return s + p.value; }, 0);
        return all.length ? box(all[0].name, all.filter(function (p) { return p.value > 0; }).map(function (p) {
          return { name: p.seriesName, color: p.color, value: say(a.unit, p.value) + ', ' + say('share', p.value / sum) };
        })) : '';
      };
    },
    heat: function (a) {
      return function (p) {
        return box(String(a.rows[p.value[2]]), [
          { name: 'from ' + when(a, p.value[0] * a.scale), color: p.color, value: say(a.unit, p.value[3]) },
          { name: 'to ' + when(a, p.value[1] * a.scale), value: '' }
        ]);
      };
    },
    span: function (a) {
      return function (p) {
        return box(p.name, [
          { name: p.seriesName, color: p.color, value: duration((p.value[2] - p.value[1]) * a.scale) },
          { name: 'from', value: when(a, p.value[1] * a.scale) },
          { name: String(p.value[3]), value: '' }
        ]);
      };
    },
    says: function (a) {
      return function (p) {
        var row = Array.isArray(p.value) ? p.value[0] : p.dataIndex;
        return box(String(a.names[row]), [{ name: '', color: p.color, value: String(a.says[row]) }]);
      };
    }
  };

  // The shapes of custom series.
  var shapes = {
    envelope: function (a) {
      return function (params, api) {
        var low = api.coord([api.value(0), api.value(2)]), high = api.coord([api.value(1), api.value(3)]);
        return { type: 'rect', shape: { x: low[0], y: high[1], width: Math.max(high[0] - low[0], 0.6), height: Math.max(low[1] - high[1], 1) },
          style: { fill: a.color, opacity: 0.28 } };
      };
    },
    cell: function () {
      return function (params, api) {
        var from = api.coord([api.value(0), api.value(2)]), to = api.coord([api.value(1), api.value(2)]), height = api.size([0, 1])[1];
        return { type: 'rect', shape: { x: from[0], y: from[1] - height / 2, width: to[0] - from[0] + 0.3, height: height + 0.3 },
          style: { fill: api.visual('color') } };
      };
    },
    span: function () {
      return function (params, api) {
        var from = api.coord([api.value(1), api.value(0)]), to = api.coord([api.value(2), api.value(0)]);
        var height = Math.min(Math.max(api.size([0, 1])[1] * 0.78, 1), 14);
        return { type: 'rect', shape: { x: from[0], y: from[1] - height / 2, width: Math.max(to[0] - from[0], 0.7), height: height },
          style: { fill: api.visual('color') } };
      };
    },
    whisker: function (a) {
      return function (params, api) {
        var low = api.coord([api.value(1), api.value(0)]), high = api.coord([api.value(2), api.value(0)]);
        return { type: 'group', children: bracket(low, high, a.color) };
      };
    },
    dot: function (a) {
      return function (params, api) {
        var at = api.coord([api.value(1), api.value(0)]), children = [];
        if (isFinite(api.value(2)) && isFinite(api.value(3))) {
          children = bracket(api.coord([api.value(2), api.value(0)]), api.coord([api.value(3), api.value(0)]), a.color);
        }
        children.push({ type: 'circle', shape: { cx: at[0], cy: at[1], r: 6 },
          style: { fill: a.hollow ? a.paper : a.color, stroke: a.color, lineWidth: 2 } });
        return { type: 'group', children: children };
      };
    }
  };
  function bracket(low, high, color) {
    var style = { stroke: color, lineWidth: 2 };
    return [
      { type: 'line', shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: style },
      { type: 'line', shape: { x1: low[0], y1: low[1] - 5, x2: low[0], y2: low[1] + 5 }, style: style },
      { type: 'line', shape: { x1: high[0], y1: high[1] - 5, x2: high[0], y2: high[1] + 5 }, style: style }
    ];
  }

  var named = { formatter: functions, renderItem: shapes };
  var colored = { color: 1, borderColor: 1, backgroundColor: 1, fillerColor: 1, inactiveColor: 1, paper: 1 };

  // resolve puts functions and colours in. It never looks into data, names or labels: text there stays text.
  function resolve(node, key, style) {
    if (typeof node === 'string') {
      return colored.hasOwnProperty(key) && /^--[a-z0-9-]+$/.test(node) ? style.getPropertyValue(node).trim() : node;
    }
    if (Array.isArray(node)) return node.map(function (item) { return resolve(item, key, style); });
    if (node === null || typeof node !== 'object') return node;
    var out = {};
    Object.keys(node).forEach(function (k) {
      if (k === 'data' || k === 'names' || k === 'says' || k === 'rows') {
        out[k] = k === 'data' && key === 'markLine' ? resolve(node[k], k, style) : node[k];
      } else {
        out[k] = resolve(node[k], k, style);
      }
    });
    if (named.hasOwnProperty(key) && typeof out.fn === 'string') {
      var table = named[key];
      return table.hasOwnProperty(out.fn) ? table[out.fn](out) : null;
    }
    return out;
  }

  // draw draws option into element, width pixels wide or as wide as the element, or draws it anew after the page's colours or
  // width have changed. It has drawn when it returns. With a width it draws for paper, where nothing zooms.
  function draw(element, option, width) {
    var chart = echarts.getInstanceByDom(element) || echarts.init(element, null, { renderer: 'canvas', devicePixelRatio: Math.max(window.devicePixelRatio || 1, 2) });
    if (chart.getWidth() !== (width || element.clientWidth)) chart.resize({ width: width || 'auto' });
    var resolved = resolve(option, '', getComputedStyle(document.documentElement));
    if (width && resolved.dataZoom) resolved.dataZoom.forEach(function (zoom) { zoom.show = false; });
    chart.setOption(resolved, true);
    return chart;
  }
  return { draw: draw };
})();

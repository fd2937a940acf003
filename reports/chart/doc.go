// Package chart turns the plots of a report into what Apache ECharts draws: option JSON, and the fixed script that draws it.
// It alone imports go-echarts, as a builder of options.
//
// It must never render a page, and never put code into an option: functions (formatters, custom shapes) are objects with a
// name that draw.js looks up in its own table, and colours are names of the page's variables ("--c-blue"), so that one
// option serves the light and the dark page. Text from a report goes only where ECharts draws it on a canvas.
package chart

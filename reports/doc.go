// Package reports turns the plain figures of a run, or of runs to compare, into a report: a title that says what was seen,
// headline figures, sections with charts, tables and notes, and how to reproduce it all. The packages below it draw a
// report: chart and page as one HTML file, figure as SVG, table as text.
//
// It is pure: it must never import the engine, read a file or a clock, or know a file format. Whoever has a run folder fills
// a Run or a Comparison. All text that comes from outside (names of jobs, queues, users, nodes) passes Clean before it
// enters a report; the packages that draw escape it for their own format once more.
package reports

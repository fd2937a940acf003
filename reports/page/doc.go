// Package page writes a report as one HTML file that needs nothing else: no server, no request, no font. It opens from disk,
// in light and dark, on paper, on a phone and, with its tables, without scripts.
//
// Names in a report come from strangers. Three things keep them from running: html/template escapes all text, options of
// charts travel as JSON in elements that browsers do not execute, and a content security policy lets nothing run but the
// three scripts whose hashes it lists. The package must never write text into a script or a style.
package page

// Package figure draws a report's charts as SVG, for papers and slides: static, in the light colours, with no script, style
// sheet, font or reference to anything outside. All text is escaped; it must never write text that is not.
package figure

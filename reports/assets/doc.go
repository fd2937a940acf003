// Package assets holds the drawing library that every report carries inside itself: a custom build of Apache ECharts, its
// licences, and the checksum that says which bytes were reviewed.
//
// It must never fetch anything: the bytes are committed and embedded. `make assets` (tools/assets/build.sh) builds them
// again from the pinned npm package and fails when they differ.
package assets
